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

test('a window in the future is refused at since, whether or not it says where it ends', () => {
  const [now, at] = [new Date('2026-11-30T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];
  for (const until of [new Date('2027-02-01T00:00:00Z'), undefined]) {
    assert.deepEqual(resolveReportWindow({ since: { text: '', at }, until }, now), {
      ok: false,
      param: 'since',
      problem: 'since lies in the future: give the start of a window that has begun.',
    });
  }
});

test('a window that has begun and is not over is taken, whichever way it was asked for', () => {
  const [at, until] = [new Date('2026-11-30T00:00:00Z'), new Date('2026-12-01T00:00:00Z')];
  for (const now of [at, new Date('2026-11-30T12:00:00Z')]) {
    for (const asked of [{ since: { text: '', at }, until }, { period: '2026-11-30' }]) {
      const found = resolveReportWindow(asked, now);
      assert.deepEqual(found.ok && [found.window.since, found.window.until], [at, until]);
    }
  }
});

const beyondYears = [
  ['0000-01-01T00:00:00Z', '0000-01-02T00:00:00Z', 'America/New_York', 'since', 'later'],
  ['9999-12-31T00:00:00Z', '9999-12-31T12:00:00Z', 'Pacific/Kiritimati', 'until', 'earlier'],
  ['9999-12-31T00:00:00Z', '9999-12-31T23:59:59.999Z', 'Asia/Kathmandu', 'until', 'earlier'],
] as const;

for (const [since, until, tz, param, remedy] of beyondYears) {
  test(`a window up to ${until} in ${tz} is refused at ${param}, since no report can write its days`, () => {
    const now = new Date('9999-12-31T23:59:59Z');
    const asked = { since: { text: since, at: new Date(since) }, until: new Date(until), tz };
    assert.deepEqual(resolveReportWindow(asked, now), {
      ok: false,
      param,
      problem: `${param} is outside the years 0000 to 9999 by the clocks of ${tz}: give a ${remedy} time, or another tz.`,
    });
  });
}

test('a window from the first moment of the year 0000 is taken in UTC', () => {
  const [since, until] = [new Date('0000-01-01T00:00:00Z'), new Date('0000-01-02T00:00:00Z')];
  const found = resolveReportWindow({ since: { text: '', at: since }, until }, new Date());
  assert.deepEqual(found, { ok: true, window: { since, until, tz: 'UTC', period: null } });
});
