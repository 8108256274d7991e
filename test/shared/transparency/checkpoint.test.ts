import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyRoot } from '../../../shared/merkle/hash.ts';
import { formatCheckpoint, parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { verifyCosignature } from '../../../shared/transparency/cosignature.ts';
import {
  formatNote,
  isSignedBy,
  type Note,
  type NoteSignature,
  parseNote,
  signNote,
} from '../../../shared/transparency/note.ts';
import {
  parseVerifierKey,
  type VerifierKey,
  verifierKeyOf,
} from '../../../shared/transparency/verifier-key.ts';
import { cosign } from '../../support/cosign.ts';
import { flipBit } from '../../support/proof-damages.ts';
import { GO_COSIGNED, SIGSUM, SOFA, SUMDB } from '../../support/published-notes.ts';
import { signerOf } from '../../support/signers.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const TEXT = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

describe('checkpoints', () => {
  it('the C2SP example is read and written', () => {
    const { text } = parseNote(SOFA) as Note;
    const checkpoint = parseCheckpoint(text);
    assert.deepEqual(checkpoint, {
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: new Uint8Array(Buffer.from(ROOT, 'base64')),
    });
    assert.equal(formatCheckpoint(checkpoint), text);
  });

  for (const [name, { note, verifierKey, size }] of Object.entries({ SIGSUM, SUMDB })) {
    it(`a checkpoint of ${name} is signed by its key`, () => {
      const parsed = parseNote(note) as Note;
      assert.ok(isSignedBy(parsed, parseVerifierKey(verifierKey) as VerifierKey));
      assert.equal(parseCheckpoint(parsed.text)?.size, size);
      assert.equal(formatNote(parsed), note);
    });
  }

  it('the largest size and the empty tree are read', () => {
    assert.equal(parseCheckpoint(`a\n9007199254740991\n${ROOT}\n`)?.size, 2 ** 53 - 1);
    const empty = { origin: 'a', size: 0, root: emptyRoot() };
    const text = formatCheckpoint(empty);
    assert.equal(formatCheckpoint(parseCheckpoint(text) as typeof empty), text);
  });

  const refused = {
    'without anything': '',
    'without an origin': `\n1\n${ROOT}\n`,
    'with a control character in its origin': `a\u0007b\n1\n${ROOT}\n`,
    'with a half character in its origin': `a\ud800\n1\n${ROOT}\n`,
    'with two lines': `a\n1\n`,
    'with an extension line': `${TEXT}extension\n`,
    'with an empty line behind it': `${TEXT}\n`,
    'without its last line end': TEXT.slice(0, -1),
    'with a leading zero': `a\n01\n${ROOT}\n`,
    'with a sign': `a\n+1\n${ROOT}\n`,
    'with a negative size': `a\n-1\n${ROOT}\n`,
    'with a space': `a\n1 \n${ROOT}\n`,
    'with an exponent': `a\n1e3\n${ROOT}\n`,
    'with digits that are not ASCII': `a\n١\n${ROOT}\n`,
    'with a size above 2^53 - 1': `a\n9007199254740992\n${ROOT}\n`,
    'with a much longer size': `a\n${'9'.repeat(40)}\n${ROOT}\n`,
    'without a size': `a\n\n${ROOT}\n`,
    'without a root': 'a\n1\n\n',
    'with a root of 31 bytes': `a\n1\n${Buffer.alloc(31).toString('base64')}\n`,
    'with a root of 33 bytes': `a\n1\n${Buffer.alloc(33).toString('base64')}\n`,
    'with a root in hex': `a\n1\n${'00'.repeat(32)}\n`,
    'with a root without padding': `a\n1\n${ROOT.slice(0, -1)}\n`,
    'with a root with other last bits': `a\n1\n${ROOT.replace('q2I=', 'q2J=')}\n`,
    'with a root in base64url': `a\n1\n${ROOT.replace('/', '_')}\n`,
  };
  for (const [fault, text] of Object.entries(refused)) {
    it(`a text ${fault} is no checkpoint`, () => assert.equal(parseCheckpoint(text), null));
  }
});

describe('cosignatures', () => {
  const witness = signerOf(9);
  const name = 'witness.example/w1';
  const key = verifierKeyOf(name, witness.publicKey, 'cosignature');
  const at = new Date('2026-05-03T10:00:00Z');

  it('a cosignature is read with its time', async () => {
    const line = await cosign(TEXT, name, witness, at);
    assert.deepEqual(verifyCosignature(TEXT, line, key), { at });
    const note = { text: TEXT, signatures: [line] };
    const [read] = (parseNote(formatNote(note)) as Note).signatures as [NoteSignature];
    assert.deepEqual(verifyCosignature(TEXT, read, key), { at });
  });

  it('a cosignature beyond the year 9999 is none', async () => {
    const last = new Date('9999-12-31T23:59:59Z');
    const line = await cosign(TEXT, name, witness, last);
    assert.deepEqual(verifyCosignature(TEXT, line, key), { at: last });
    const next = await cosign(TEXT, name, witness, new Date(last.getTime() + 1000));
    assert.equal(verifyCosignature(TEXT, next, key), null);
  });

  it('a cosignature that Go made is read with its time', () => {
    const key = parseVerifierKey(GO_COSIGNED.verifierKey) as VerifierKey;
    const { text, signatures } = parseNote(GO_COSIGNED.note) as Note;
    assert.equal(key.kind, 'cosignature');
    assert.deepEqual(verifyCosignature(text, signatures[0] as NoteSignature, key), { at: GO_COSIGNED.at });
  });

  it('the C2SP example is of the time that its page states', () => {
    const line = (parseNote(SOFA) as Note).signatures[1] as NoteSignature;
    assert.equal(line.name, 'witness.example.com/w1');
    assert.equal(Buffer.from(line.signature).readBigUInt64BE(0), 1679315147n);
    assert.equal(line.signature.length, 72);
  });

  it('a cosignature with any one bit changed is refused', async () => {
    const line = await cosign(TEXT, name, witness, at);
    for (let bit = 0; bit < line.signature.length * 8; bit += 1) {
      const changed = { ...line, signature: flipBit(line.signature, bit) };
      assert.equal(verifyCosignature(TEXT, changed, key), null, `bit ${bit}`);
    }
  });

  it('a cosignature of another text, name, key, length or kind is refused', async () => {
    const line = await cosign(TEXT, name, witness, at);
    assert.equal(verifyCosignature(`${TEXT}extension\n`, line, key), null);
    assert.equal(verifyCosignature(TEXT.replace('3\n', '4\n'), line, key), null);
    const { publicKey } = signerOf(8);
    const keys = [
      { ...key, kind: 'ed25519' as const },
      { ...key, name: 'witness.example/w2' },
      { ...key, keyIdHex: '00000000' },
      { ...key, publicKey },
      { ...key, publicKey: new Uint8Array(31) },
      verifierKeyOf(name, publicKey, 'cosignature'),
      verifierKeyOf(name, witness.publicKey),
    ];
    for (const other of keys) assert.equal(verifyCosignature(TEXT, line, other), null);
    for (const signature of [
      line.signature.subarray(1),
      line.signature.subarray(0, 64),
      new Uint8Array(0),
      Buffer.concat([line.signature, Buffer.of(0)]),
    ]) {
      assert.equal(verifyCosignature(TEXT, { ...line, signature }, key), null);
    }
  });

  it('a signature over the text alone, in the form of a cosignature, is refused', async () => {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_679_315_147n);
    const signature = Buffer.concat([time, await witness.sign(Buffer.from(TEXT))]);
    assert.equal(verifyCosignature(TEXT, { name, keyIdHex: key.keyIdHex, signature }, key), null);
  });

  it('a log’s signature is no cosignature, and a cosignature no signature of a note', async () => {
    const note = await signNote(TEXT, name, witness);
    assert.equal(verifyCosignature(TEXT, note.signatures[0] as NoteSignature, key), null);
    const line = await cosign(TEXT, name, witness, at);
    assert.equal(
      isSignedBy({ text: TEXT, signatures: [line] }, verifierKeyOf(name, witness.publicKey)),
      false,
    );
  });

  it('a time beyond all dates is refused', async () => {
    for (const seconds of [2n ** 63n, 2n ** 64n - 1n, 8_640_000_000_001n]) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(seconds);
      const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${TEXT}`);
      const signature = Buffer.concat([time, await witness.sign(message)]);
      assert.equal(verifyCosignature(TEXT, { name, keyIdHex: key.keyIdHex, signature }, key), null);
    }
  });
});
