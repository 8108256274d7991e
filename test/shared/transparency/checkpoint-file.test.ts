import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createCheckpointFile } from '../../../shared/transparency/checkpoint-file.ts';

test('gives the largest checkpoint, also where a slower keeper wrote a smaller one behind it', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'checkpoint-file-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const accountId = newId('account');
  const file = createCheckpointFile(dataDir);
  assert.equal(await file.last(accountId), null);
  const of = (size: number, note = `of ${size}`) => ({ size, rootHex: '0'.repeat(64), note });
  for (const size of [10, 12, 11]) await file.add(accountId, { ...of(size), at: new Date() });
  assert.deepEqual(await file.last(accountId), of(12));
  await file.add(accountId, { ...of(12, 'by another key'), at: new Date() });
  assert.deepEqual(await file.last(accountId), of(12, 'by another key'));
  await appendFile(join(dataDir, 'checkpoints', `${accountId}.ndjson`), '{"size":13,"root_hex":"');
  assert.equal((await file.last(accountId))?.size, 12, 'a line that a kill cut off is none');
});
