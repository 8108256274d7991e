import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSessionRow } from '../../../scripts/import/bundle-rows.ts';
import { TIME_FAULTS, type TimeFault } from '../../../shared/time/parse-time.ts';
import { bundleDir, readFirstLine } from '../../support/bundles.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

const ROW = JSON.parse(await readFirstLine(bundleDir('clinic-week'), 'sessions.ndjson')) as object;

function parse(changes: object) {
  return parseSessionRow(Buffer.from(JSON.stringify({ ...ROW, ...changes })));
}

describe("the times of a session's row", () => {
  it('are refused with the field and the reason where no calendar has them', () => {
    const impossible = { ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS, form: ['2026-05-02', ''] };
    for (const name of ['started_at', 'ended_at']) {
      for (const [fault, texts] of Object.entries(impossible)) {
        const problem = `${name}: ${TIME_FAULTS[fault as TimeFault]}`;
        for (const text of texts) assert.deepEqual(parse({ [name]: text }), { ok: false, problem }, text);
      }
    }
  });

  it('may have an offset and fewer or more digits, and are refused where a digit would be lost', () => {
    const parsed = parse({
      started_at: '2026-05-02T23:07:54.52+02:00',
      ended_at: '2026-05-02T21:07:55.604000Z',
    });
    assert.ok(parsed.ok);
    assert.equal(parsed.row.started_at.toISOString(), '2026-05-02T21:07:54.520Z');
    assert.equal(parsed.row.ended_at?.toISOString(), '2026-05-02T21:07:55.604Z');
    const problem = `ended_at: ${TIME_FAULTS.fraction}`;
    assert.deepEqual(parse({ ended_at: '2026-05-02T21:07:55.6045Z' }), { ok: false, problem });
  });
});
