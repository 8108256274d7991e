// The files of checkpoints, and what somebody put in the place of one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { newId } from '../../../shared/audit/ids.ts';
import { createCheckpointFile } from '../../../shared/transparency/checkpoint-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const run = promisify(execFile);

it('gives the largest checkpoint, also where a slower keeper wrote a smaller one behind it', async (t) => {
  const dataDir = temporaryFolder(t);
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

/** In a process of its own: one that waits for a pipe does not even end. */
const SCRIPT = `
import { createCheckpointFile } from '${new URL('../../../shared/transparency/checkpoint-file.ts', import.meta.url)}';
const [dataDir, id] = process.argv.slice(1);
const file = createCheckpointFile(dataDir);
const added = () => file.add(id, { size: 1, rootHex: '', note: '', at: new Date() });
for (const read of [() => file.last(id), added]) await read().then(() => console.log('done'), ({ message }) => console.log(message));
`;

it('a named pipe in the place of a file is an error, and is not waited for', async (t) => {
  const dataDir = temporaryFolder(t);
  await mkdir(join(dataDir, 'checkpoints'));
  const id = newId('account');
  await run('mkfifo', [join(dataDir, 'checkpoints', `${id}.ndjson`)]);
  const args = ['--input-type=module', '--eval', SCRIPT, dataDir, id];
  const { stdout } = await run(process.execPath, args, { timeout: 30_000, killSignal: 'SIGKILL' });
  assert.equal(stdout, 'It is not a regular file\nIt is not a regular file\n');
});
