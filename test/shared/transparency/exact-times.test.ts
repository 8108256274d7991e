import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isIsoTime, isReportTime } from '../../../shared/transparency/exact-times.ts';

const NEITHER = [
  '+010000-01-01T00:00:00.000Z',
  '+010000-01-01T00:00:00Z',
  '-000001-12-31T23:59:59.999Z',
  '2026-02-30T00:00:00.500Z',
  '2026-05-03T10:00:00.5Z',
  '2026-05-03T10:00:00.500+00:00',
  '2026-05-03',
  'soon',
  '',
];

describe('exact times', () => {
  it('have milliseconds in entries of the log, and the years 0000 to 9999', () => {
    const times = ['0000-01-01T00:00:00.000Z', '2026-05-03T10:00:00.500Z', '9999-12-31T23:59:59.999Z'];
    for (const text of times) assert.ok(isIsoTime(text), text);
    for (const text of [...NEITHER, '2026-05-03T10:00:00Z']) assert.ok(!isIsoTime(text), text);
  });

  it('have milliseconds in reports where they are not zero, and the years 0000 to 9999', () => {
    const times = ['0000-01-01T00:00:00Z', '2026-05-03T10:00:00.500Z', '9999-12-31T23:59:59.999Z'];
    for (const text of times) assert.ok(isReportTime(text), text);
    for (const text of [...NEITHER, '2026-05-03T10:00:00.000Z']) assert.ok(!isReportTime(text), text);
  });
});
