// Files that are pipes, which state no size.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { JSON_LIMIT, readReportFile } from '../../../scripts/verify/read-report-file.ts';

test('a pipe is read whole, and no further than the largest report goes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'verify-pipe-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const pipe = join(folder, 'report.json');
  execFileSync('mkfifo', [pipe]);
  const read = async (bytes: Uint8Array) => {
    // A reader that has enough closes the pipe.
    const written = writeFile(pipe, bytes).catch((error) => assert.equal(error.code, 'EPIPE'));
    const [found] = await Promise.all([readReportFile(pipe, false), written]);
    return found;
  };
  const small = Buffer.alloc(200_000, 'x');
  assert.deepEqual(await read(small), { ok: true, bytes: small });
  assert.equal((await read(Buffer.alloc(JSON_LIMIT))).ok, true);
  assert.equal((await read(Buffer.alloc(JSON_LIMIT + 1))).ok, false);
});
