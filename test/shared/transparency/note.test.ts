import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatNote, isSignedBy, type Note, parseNote, signNote } from '../../../shared/transparency/note.ts';
import {
  parseVerifierKey,
  type VerifierKey,
  verifierKeyOf,
} from '../../../shared/transparency/verifier-key.ts';
import { flipBit } from '../../support/proof-damages.ts';
import { ENOCH, FOO, PETER, QUASIMODO, SOFA } from '../../support/published-notes.ts';
import { signerOf } from '../../support/signers.ts';

const keyOf = (text: string) => parseVerifierKey(text) as VerifierKey;
const noteOf = (text: string) => parseNote(text) as Note;
const peter = keyOf(PETER.verifierKey);
const enoch = keyOf(ENOCH.verifierKey);
const foo = keyOf(FOO.verifierKey);
const peterNote = `${PETER.text}\n${PETER.line}`;

describe('notes that others published', () => {
  for (const [name, text] of Object.entries({ foo: FOO.note, sofa: SOFA, quasimodo: QUASIMODO, peterNote })) {
    it(`${name} is read, and written again as it was`, () => {
      assert.equal(formatNote(noteOf(text)), text);
    });
  }

  it('the C2SP example is signed by its key', () => assert.ok(isSignedBy(noteOf(FOO.note), foo)));

  it("Go's note of two signatures is signed by both keys", () => {
    const note = noteOf(`${PETER.text}\n${PETER.line}${ENOCH.line}`);
    assert.ok(isSignedBy(note, peter));
    assert.ok(isSignedBy(note, enoch));
    assert.equal(isSignedBy(note, foo), false);
  });

  it("Go's private key signs to the note that Go prints", async () => {
    const signer = signerOf(Buffer.from(PETER.privateKey, 'base64').subarray(1));
    const note = await signNote(PETER.text, 'PeterNeumann', signer);
    assert.equal(formatNote(note), peterNote);
  });

  it('the last empty line ends the text', () => {
    assert.match(noteOf(QUASIMODO).text, /sole:\n\ned/);
    assert.equal(noteOf(QUASIMODO).signatures[0]?.keyIdHex, '367ba04b');
  });
});

describe('signed notes', () => {
  it('a signature is over the text as it is', async () => {
    const signer = signerOf(7);
    const key = verifierKeyOf('evidence.example', signer.publicKey);
    const note = await signNote('a\n\nb é 𝒳\n', key.name, signer);
    assert.ok(isSignedBy(noteOf(formatNote(note)), key));
    for (const text of ['a\n\nb é 𝒳\n\n', 'a\nb é 𝒳\n', 'a\n\nb e 𝒳\n', '\na\n\nb é 𝒳\n']) {
      assert.equal(isSignedBy({ ...note, text }, key), false);
    }
  });

  it('a note with any one byte changed is not signed, or no note', () => {
    const bytes = Buffer.from(FOO.note);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const note = parseNote(new TextDecoder().decode(flipBit(bytes, bit)));
      assert.ok(note === null || !isSignedBy(note, foo), `bit ${bit}`);
    }
  });

  it('a note cut at any byte, or with a byte behind it, is not signed, or no note', () => {
    for (let length = 0; length < FOO.note.length; length += 1) {
      const note = parseNote(FOO.note.slice(0, length));
      assert.ok(note === null || !isSignedBy(note, foo), `${length}`);
    }
    for (const more of ['\n', ' ', 'x', '\u0000', '\r\n']) {
      const note = parseNote(FOO.note + more);
      assert.ok(note === null || !isSignedBy(note, foo), JSON.stringify(more));
    }
  });

  it('signatures of unknown keys are kept and change nothing', () => {
    const note = noteOf(`${PETER.text}\n${ENOCH.line}${PETER.line}`);
    assert.equal(note.signatures.length, 2);
    assert.ok(isSignedBy(note, peter));
  });

  it('a wrong signature with the name and id of a key is not made good by a right one', () => {
    const [right] = noteOf(peterNote).signatures as [Note['signatures'][number]];
    const wrong = { ...right, signature: flipBit(right.signature, 3) };
    for (const signatures of [[right, wrong], [wrong, right], [wrong], []]) {
      assert.equal(isSignedBy({ text: PETER.text, signatures }, peter), false);
    }
    assert.ok(isSignedBy({ text: PETER.text, signatures: [right, right] }, peter));
  });

  it('a signature whose number is spelled in another way is refused (RFC 8032 section 5.1.7)', () => {
    const [right] = noteOf(peterNote).signatures as [Note['signatures'][number]];
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const littleEndian = Buffer.from(right.signature.subarray(32)).reverse().toString('hex');
    const larger = (BigInt(`0x${littleEndian}`) + order).toString(16).padStart(64, '0');
    const signature = Buffer.concat([right.signature.subarray(0, 32), Buffer.from(larger, 'hex').reverse()]);
    assert.equal(isSignedBy({ text: PETER.text, signatures: [{ ...right, signature }] }, peter), false);
  });

  it('a signature under another name, another id or of another length is not the key’s', () => {
    const [right] = noteOf(peterNote).signatures as [Note['signatures'][number]];
    const others = [
      { ...right, name: 'PeterNeuman' },
      { ...right, keyIdHex: 'c74f20a4' },
      { ...right, signature: right.signature.subarray(1) },
      { ...right, signature: Buffer.concat([right.signature, Buffer.of(0)]) },
    ];
    for (const other of others) {
      assert.equal(isSignedBy({ text: PETER.text, signatures: [other] }, peter), false);
    }
  });

  it('the key of a cosigner signs no note', async () => {
    const signer = signerOf(7);
    const key = verifierKeyOf('witness.example', signer.publicKey, 'cosignature');
    const signature = await signer.sign(Buffer.from('text\n'));
    const signatures = [{ name: key.name, keyIdHex: key.keyIdHex, signature }];
    assert.equal(isSignedBy({ text: 'text\n', signatures }, key), false);
  });

  it('a text that no note can have is not signed', async () => {
    for (const text of ['', 'abc', 'a\tb\n', 'a\r\n', 'a\u0000\n', 'a\ud800\n']) {
      await assert.rejects(signNote(text, 'name', signerOf(7)), RangeError, JSON.stringify(text));
    }
    for (const name of ['', 'a b', 'a+b']) {
      await assert.rejects(signNote('a\n', name, signerOf(7)), RangeError, name);
    }
  });
});

describe('texts that are no notes', () => {
  const signature = PETER.line.slice(2, -1).split(' ')[1] as string;
  const refused = {
    'without anything': '',
    'without signatures': PETER.text,
    'with an empty line and no signature': `${PETER.text}\n`,
    'without an empty line': PETER.text + PETER.line,
    'without its last line end': peterNote.slice(0, -1),
    'with a line end more': `${peterNote}\n`,
    'with a control character': `\u0001${peterNote}`,
    'with a tab': `\t${peterNote}`,
    'with carriage returns': peterNote.replaceAll('\n', '\r\n'),
    'with a lone surrogate': `\ud800${peterNote}`,
    'with a line among its signatures': `${peterNote}Unexpected line.\n`,
    'with a space in a name': `${PETER.text}\n— Bad Name ${signature}\n`,
    'with a no-break space in a name': `${PETER.text}\n— Bad\u00a0Name ${signature}\n`,
    'with U+0085 in a name': `${PETER.text}\n— Bad\u0085Name ${signature}\n`,
    'with a plus in a name': `${PETER.text}\n— Bad+Name ${signature}\n`,
    'without a name': `${PETER.text}\n—  ${signature}\n`,
    'with a name alone': `${PETER.text}\n— PeterNeumann\n`,
    'without a signature': `${PETER.text}\n— PeterNeumann \n`,
    'with a hyphen': `${PETER.text}\n- PeterNeumann ${signature}\n`,
    'with two spaces': `${PETER.text}\n— PeterNeumann  ${signature}\n`,
    'with a space at the end of a line': `${PETER.text}\n— PeterNeumann ${signature} \n`,
    'with base64 without padding': `${PETER.text}\n— PeterNeumann ${signature.replaceAll('=', '')}\n`,
    'with base64url': `${PETER.text}\n— PeterNeumann ${signature.replaceAll('/', '_')}\n`,
    'with base64 with other last bits': `${PETER.text}\n— PeterNeumann ${signature.replace('nAM=', 'nAN=')}\n`,
    'with a key id alone': `${PETER.text}\n— PeterNeumann x08gow==\n`,
    'with 101 signatures': `${PETER.text}\n${PETER.line.repeat(101)}`,
  };
  for (const [fault, text] of Object.entries(refused)) {
    it(`a text ${fault} is no note`, () => assert.equal(parseNote(text), null));
  }

  it('a note may have 100 signatures', () => {
    const note = noteOf(`${PETER.text}\n${PETER.line.repeat(100)}`);
    assert.equal(note.signatures.length, 100);
    assert.ok(isSignedBy(note, peter));
  });

  it('no text makes the parser throw, and each note that it reads is written again as it was', () => {
    const pieces = fc.constantFrom('\n', '\n\n', '— ', 'name ', 'x08go/Y=', 'AAAA', '=', '+', ' ', '\u0000');
    const text = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    const sound = fc.array(fc.constantFrom('— a AAAAAAA=\n', '— b/c AAAAAAAA\n'), { minLength: 1 });
    fc.assert(
      fc.property(text, sound, (start, lines) => {
        for (const each of [start, `${start}\n\n${lines.join('')}`]) {
          const note = parseNote(each);
          if (note !== null) assert.equal(formatNote(note), each);
        }
      }),
    );
  });
});
