import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCosignedBy, lastCosignedAt, sortCosignatures } from '../../../shared/transparency/cosigners.ts';
import { formatNote, signNote } from '../../../shared/transparency/note.ts';
import { verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { cosignatureLine } from '../../support/cosign.ts';
import { signerOf } from '../../support/signers.ts';

const TEXT = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const NAME = 'witness.example/w1';
const WITNESS = signerOf(9);
const KEY = verifierKeyOf(NAME, WITNESS.publicKey, 'cosignature');
const EARLIER = new Date('2026-05-03T10:00:00Z');
const LATER = new Date('2026-05-03T11:00:00Z');

async function lineOf(at: Date, text = TEXT): Promise<{ name: string; line: string }> {
  return { name: NAME, line: await cosignatureLine(text, NAME, WITNESS, at) };
}

async function checkpoint(...cosignatures: { name: string; line: string }[]) {
  const note = await signNote(TEXT, 'example.com/behind-the-sofa', signerOf(1));
  return { note: formatNote(note), cosignatures };
}

describe('the cosignatures that are stored with a checkpoint', () => {
  it('of two of one witness the later time counts, whichever stands first', async () => {
    const [earlier, later] = [await lineOf(EARLIER), await lineOf(LATER)];
    assert.deepEqual(lastCosignedAt(await checkpoint(earlier, later), KEY), LATER);
    assert.deepEqual(lastCosignedAt(await checkpoint(later, earlier), KEY), LATER);
  });

  it('a line over another checkpoint is no cosignature of this one', async () => {
    const other = await lineOf(LATER, TEXT.replace('20852163', '20852164'));
    const found = await checkpoint(other);
    assert.equal(lastCosignedAt(found, KEY), null);
    assert.deepEqual(sortCosignatures(found, KEY), { valid: [], invalid: [other] });
    assert.deepEqual(lastCosignedAt(await checkpoint(other, await lineOf(EARLIER)), KEY), EARLIER);
  });

  it('two lines in the place of one are no cosignature, though the last of them is true', async () => {
    const { line } = await lineOf(EARLIER);
    const twice = { name: NAME, line: `${line.slice(0, -8)}AAAAAAA=\n${line}` };
    const found = await checkpoint(twice);
    assert.equal(lastCosignedAt(found, KEY), null);
    assert.equal(isCosignedBy(found, KEY), false);
    assert.deepEqual(sortCosignatures(found, KEY).invalid, [twice]);
  });
});
