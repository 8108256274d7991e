// The verifiers inside a pack, as `npm run verify -- FILE.zip --key KEY` notes them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeZip } from '../../../api/http/zip-stream.ts';
import { noteForeignPrograms } from '../../../scripts/verify/evidence/note-programs.ts';

const OWN = await readFile(join(import.meta.dirname, '../../../scripts/verifiers/verify.html'));

async function packWith(html: Buffer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const files = [{ name: 'verify.html', bytes: html }];
  for await (const part of writeZip(files, new Date('2026-05-01T00:00:00Z'))) parts.push(part);
  return Buffer.concat(parts);
}

describe('the programs of a pack', () => {
  it("notes a verify.html that is not this version's, and says to use one's own", async () => {
    const changed = Buffer.concat([OWN, Buffer.from('<!-- -->')]);
    assert.deepEqual(await noteForeignPrograms(await packWith(changed)), [
      "the pack's verify.html is not this version's; use your own copy",
    ]);
  });

  it("notes nothing of this version's own, and nothing of what is no pack", async () => {
    assert.deepEqual(await noteForeignPrograms(await packWith(OWN)), []);
    assert.deepEqual(await noteForeignPrograms(Buffer.from('%PDF-1.7')), []);
    assert.deepEqual(await noteForeignPrograms(Buffer.from('PK\u0003\u0004 broken')), []);
  });
});
