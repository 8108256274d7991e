import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { ChainHasher } from '../../../shared/audit/chain.ts';
import { checkRun, type Run } from '../../../shared/audit/check-run.ts';
import { createEntryScanner, emptyScan } from '../../../shared/audit/scan-entry.ts';
import {
  LANES_ROOM,
  LEAVES_AT,
  OUTER_AT,
  openPlainLanes,
  openVectorLanes,
} from '../../../shared/merkle/sha256-lanes.ts';
import { AGENT_ID, SESSION_ID } from '../../support/entries.ts';
import { KEY, layOut, usualLog } from '../../support/signed-log.ts';

type SignedEntry = { this_hash: string };

function writeRun(size: number): { texts: string[]; run: Run } {
  const entries = usualLog(size);
  const texts = entries.map(String);
  const { bytes, begins, ends } = layOut(entries);
  const scan = createEntryScanner(AGENT_ID, SESSION_ID);
  const scanned = texts.map((_, i) => {
    const found = emptyScan();
    assert.ok(scan(bytes, begins[i] as number, ends[i] as number, found));
    return found;
  });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { texts, run: { bytes, view, begins, ends, at: 0, scanned, from: 0, count: size } };
}

for (const [name, lanes] of Object.entries({ vector: openVectorLanes(), plain: openPlainLanes() })) {
  describe(`a run of entries, in ${name} lanes`, () => {
    assert.ok(lanes);
    const hashAt = (area: number, i: number) =>
      lanes.memory.toString('hex', area + 32 * i, area + 32 * (i + 1));

    for (const size of [1, 2, 5, LANES_ROOM]) {
      it(`a run of ${size} signed entries passes, with a key used for the first time and again`, () => {
        const { texts, run } = writeRun(size);
        const hasher = new ChainHasher(KEY);
        for (let time = 0; time < 2; time += 1) {
          assert.ok(checkRun(lanes, hasher, run));
          for (const [i, text] of texts.entries()) {
            assert.equal(hashAt(OUTER_AT, i), (JSON.parse(text) as SignedEntry).this_hash);
            assert.equal(hashAt(LEAVES_AT, i), createHash('sha256').update(`\0${text}`).digest('hex'));
          }
        }
      });
    }

    it('a run of entries signed with another key fails', () => {
      assert.ok(!checkRun(lanes, new ChainHasher(new Uint8Array(32).fill(8)), writeRun(5).run));
    });
  });
}
