// Notes and proofs with random damage, judged by us and by other people's programs in Go: what we take, they take. What we
// refuse beyond that is counted: other spellings of a number or of base64. `npm run test:interop` runs this; `npm test` skips it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import type { Random } from '../../scripts/demo/random.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { inclusionRanges } from '../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../shared/merkle/prove.ts';
import { verifyInclusion } from '../../shared/merkle/verify-proof.ts';
import { formatCheckpoint, parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { formatNote, isSignedBy, parseNote, signNote } from '../../shared/transparency/note.ts';
import { formatTlogProof, parseTlogProof } from '../../shared/transparency/tlog-proof.ts';
import { formatVerifierKey, verifierKeyOf } from '../../shared/transparency/verifier-key.ts';
import { naiveRoot } from '../support/naive-merkle-tree.ts';
import { hashesOf, leavesOf } from '../support/proof-damages.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { signerOf, TEST_ORIGIN } from '../support/signers.ts';

const PROGRAMS = process.env.INTEROP_PROGRAMS;
const NOT_BUILT = PROGRAMS === undefined && 'runs by npm run test:interop, which needs Go';
const SAMPLES = Number(process.env.INTEROP_SAMPLES ?? 40_000);

const SIGNER = signerOf(1);
const KEY = verifierKeyOf(TEST_ORIGIN, SIGNER.publicKey);
const LEAVES = leavesOf(300);

test('no note is ours that Go would not open', { skip: NOT_BUILT }, async (t) => {
  const random = seededRandom(t);
  const texts = await sampleNotes();
  const damaged = Array.from({ length: SAMPLES }, () => damage(random, texts));
  const theirs = await judge(damaged.map((bytes) => `note ${bytes.toString('base64')}`));
  compare(t, damaged, theirs, (text) => {
    const note = parseNote(text);
    return note !== null && isSignedBy(note, KEY);
  });
});

test('no proof is ours that Go would refuse', { skip: NOT_BUILT }, async (t) => {
  const random = seededRandom(t);
  const at = random.whole(0, LEAVES.length - 1);
  const entry = LEAVES[at] as Buffer;
  const texts = await sampleProofs(at);
  const damaged = Array.from({ length: SAMPLES }, () => damage(random, texts));
  const entry64 = entry.toString('base64');
  const theirs = await judge(damaged.map((bytes) => `proof ${bytes.toString('base64')} ${entry64}`));
  compare(t, damaged, theirs, (text) => {
    const proof = parseTlogProof(text);
    const note = proof && parseNote(proof.checkpoint);
    const stated = note && isSignedBy(note, KEY) ? parseCheckpoint(note.text) : null;
    if (!proof || stated?.origin !== KEY.name) return false;
    const { size, root } = stated;
    return verifyInclusion({
      index: proof.index,
      size,
      leafHash: hashLeaf(entry),
      hashes: proof.hashes,
      root,
    });
  });
});

/** Fails for each text that is ours alone, and where nothing was taken or nothing refused. */
function compare(
  t: { diagnostic(message: string): void },
  damaged: readonly Buffer[],
  theirs: readonly boolean[],
  isOurs: (text: string) => boolean,
): void {
  const counts = { both: 0, theirsAlone: 0, neither: 0 };
  for (const [i, bytes] of damaged.entries()) {
    // As the service reads what it is sent: bytes that are no UTF-8 are no text.
    const text = bytes.toString();
    const ours = Buffer.from(text).equals(bytes) && isOurs(text);
    assert.ok(!ours || theirs[i], `taken by us alone: ${JSON.stringify(text)}`);
    if (ours) counts.both += 1;
    else if (theirs[i]) counts.theirsAlone += 1;
    else counts.neither += 1;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.both > 0 && counts.neither > 0);
}

async function sampleNotes(): Promise<Buffer[]> {
  const text = formatCheckpoint({ origin: TEST_ORIGIN, size: 300, root: naiveRoot(LEAVES) });
  const own = await signNote(text, TEST_ORIGIN, SIGNER);
  const other = await signNote(text, 'other.example.org', signerOf(2));
  const notes = [own, { text, signatures: [...other.signatures, ...own.signatures, ...other.signatures] }];
  const prose = await signNote('One line.\n\nAnother — with a dash.\n', TEST_ORIGIN, SIGNER);
  return [...notes, prose].map((note) => Buffer.from(formatNote(note)));
}

async function sampleProofs(index: number): Promise<Buffer[]> {
  const hashes = proveFrom(inclusionRanges(index, LEAVES.length), hashesOf(LEAVES));
  const [plain, cosigned] = (await sampleNotes()).map(String);
  const extras = [null, Buffer.from('extra data'), Buffer.alloc(0)];
  return [plain, cosigned].flatMap((checkpoint) =>
    extras.map((extra) =>
      Buffer.from(formatTlogProof({ extra, index, hashes, checkpoint: checkpoint as string })),
    ),
  );
}

/** What stands in these formats at a border, or nearly does. */
const PIECES = [
  ...[
    '\n',
    '\n\n',
    ' ',
    '\r',
    '\t',
    '\0',
    '+',
    '=',
    '==',
    '-',
    '— ',
    '—',
    '\u2014 x ',
    '\u00a0',
    '\u2028',
    '\ufeff',
  ],
  ...[
    '0',
    '00',
    '-1',
    '+1',
    '1e2',
    '9007199254740993',
    'index 1',
    'extra ',
    'extra\n',
    'A',
    '/',
    '_',
    'é',
    '\u0085',
  ],
];

/** One of the texts with up to three changes; now and then none. */
function damage(random: Random, texts: readonly Buffer[]): Buffer {
  let bytes: Buffer = random.pick(texts);
  for (let left = random.whole(0, 3); left > 0; left -= 1) bytes = change(random, bytes, random.pick(texts));
  return bytes;
}

function change(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const place = () => random.whole(0, bytes.length);
  const lines = bytes.toString('latin1').split('\n');
  const line = () => random.whole(0, lines.length - 1);
  const joined = (changed: readonly string[]) => Buffer.from(changed.join('\n'), 'latin1');
  const [from, to] = [place(), place()].sort((a, b) => a - b) as [number, number];
  const insert = (piece: Buffer) => Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)]);
  switch (random.whole(0, 7)) {
    case 0:
      return insert(Buffer.from(random.pick(PIECES)));
    case 1:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(Math.min(to, from + 4))]);
    case 2: {
      const flipped = Buffer.from(bytes);
      if (from < bytes.length) flipped[from]! ^= 1 << random.whole(0, 7);
      return flipped;
    }
    case 3:
      return joined(lines.toSpliced(line(), 1));
    case 4:
      return joined(lines.toSpliced(line(), 0, lines[line()] as string));
    case 5:
      return joined(lines.toSpliced(line(), 0, random.pick(other.toString('latin1').split('\n'))));
    case 6:
      return bytes.subarray(0, from);
    default:
      return joined([...lines.slice(0, -1), `${random.pick(lines)}`, '']);
  }
}

async function judge(lines: readonly string[]): Promise<boolean[]> {
  const { stdout } = await execa(join(PROGRAMS!, 'interop'), ['judge', formatVerifierKey(KEY)], {
    input: lines.join('\n'),
  });
  const answers = stdout.split('\n');
  assert.equal(answers.length, lines.length);
  return answers.map((answer) => answer === 'yes');
}
