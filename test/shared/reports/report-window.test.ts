import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveReportWindow } from '../../../shared/reports/report-window.ts';

test('a period in the future is refused without a word on what is stored', () => {
  const found = resolveReportWindow({ period: '9999', tz: 'UTC' }, new Date('2026-11-30T00:00:00Z'));
  assert.deepEqual(found, {
    ok: false,
    param: 'period',
    problem: 'period lies in the future: ask for one that has begun.',
  });
});
