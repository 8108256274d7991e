// Signatures, keys, proofs and entries with one thing wrong that a single check sees.
import { COSIGNED_AT, LOG_KEY, ORIGIN, OTHER_KEY, OTHER_ORIGIN, WITNESS_1 } from './account-log.ts';
import { AUDIT_KEY_LINE, type CorpusCase, KEY, oneCase } from './case.ts';
import { argumentCases, zipCases } from './cases-single-inputs.ts';
import { singleProofCases } from './cases-single-proofs.ts';
import { singleRecordCases } from './cases-single-records.ts';
import { packOf, sessionPdf } from './containers.ts';
import { json } from './json-edit.ts';
import { lineOf, noteOf, partsOfKey, verifierKey, withSignature } from './keys.ts';
import { bothOf, good, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { base64 } from './trees.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const { sealed } = SESSIONS;
const whole = makeReport({ session: sealed });
const keyId = (vkey: string) => Buffer.from(partsOfKey(vkey).id, 'hex');

/** Of 32 bytes, little-endian. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const numberOf = (bytes: Buffer) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const bytesOf = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

/** Another signature that the same equation holds for. */
const twin = (bytes: Buffer) =>
  Buffer.concat([bytes.subarray(0, -32), bytesOf(numberOf(bytes.subarray(-32)) + ORDER)]);

/** Public keys in a second spelling of the point under which the base point signs everything with 1. */
const BASE_AND_ONE = Buffer.concat([Buffer.from(`58${'66'.repeat(31)}`, 'hex'), bytesOf(1n)]);
const SECOND_SPELLINGS = {
  'a key that names its point above the prime': `ee${'ff'.repeat(30)}7f`,
  'a key that names its point with a sign of zero': `01${'00'.repeat(30)}80`,
  'a key that names no point': `02${'00'.repeat(31)}`,
} as const;

const cosignedBy = (line: (text: string) => string) => {
  const text = good.checkpoint.slice(0, good.checkpoint.indexOf('\n\n') + 1);
  return sessionPdf(withEvidence({ ...good, checkpoint: noteOf(text, LOG_KEY.line(text), line(text)) }));
};

function witnessCases(): CorpusCase[] {
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(COSIGNED_AT));
  const spelled = Object.entries(SECOND_SPELLINGS).map(([name, hex]) => {
    const vkey = verifierKey('witness.example.net/w9', Buffer.from(`04${hex}`, 'hex'));
    const line = lineOf('witness.example.net/w9', keyId(vkey), Buffer.concat([at, BASE_AND_ONE]));
    return oneCase(
      `witness: ${name}`,
      cosignedBy(() => line),
      [...KEY, '--witness', vkey],
      'vvvvvx--',
    );
  });
  const short = lineOf(WITNESS_1.name, keyId(WITNESS_1.vkey), Buffer.of(1));
  return [
    ...spelled,
    oneCase(
      'witness: a cosignature of one byte',
      cosignedBy(() => short),
      [...KEY, '--witness', WITNESS_1.vkey],
      'vvvvvx--',
    ),
    oneCase(
      'witness: a cosignature at 2^63 seconds',
      cosignedBy((text) => WITNESS_1.line(text, 2n ** 63n)),
      [...KEY, '--witness', WITNESS_1.vkey],
      'vvvvvx--',
    ),
  ];
}

function noteCases(): CorpusCase[] {
  const note = whole.note as string;
  const signed = (name: string, text: string, mark: 'v' | 'x') =>
    oneCase(`signature: ${name}`, [whole.json, Buffer.from(text)], KEY, `v${mark}--v---`);
  const stranger = lineOf(OTHER_ORIGIN, keyId(LOG_KEY.vkey), Buffer.alloc(64));
  const under = (checkpoint: string) => sessionPdf(withEvidence({ ...good, checkpoint }));
  const long = lineOf(OTHER_ORIGIN, keyId(OTHER_KEY.vkey), Buffer.alloc(900)).repeat(90);
  const nameless = good.checkpoint.replace(ORIGIN, '');
  return [
    signed('with its number plus the order of the curve', withSignature(note, 0, twin), 'x'),
    signed(
      'with a zero behind it',
      withSignature(note, 0, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
      'x',
    ),
    signed(
      'of 60 bytes',
      withSignature(note, 0, (bytes) => bytes.subarray(0, 64)),
      'x',
    ),
    signed('of another name with the same id', `${note}${stranger}`, 'v'),
    oneCase(
      'signature: a checkpoint of 110,000 bytes with few signatures',
      under(`${good.checkpoint}${long}`),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'signature: a checkpoint with a name that holds a control character',
      under(`${good.checkpoint}\u2014 a\u0001b AAAAAAAA\n`),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'signature: a checkpoint without its origin, without a key',
      withEvidence({ ...good, origin: '', checkpoint: nameless }).json,
      [],
      '----x---',
    ),
    oneCase(
      'signature: a report on an account whose checkpoint has a root of 31 bytes',
      bothOf(makeWide({ report: { 'evidence.checkpoint': (value) => shortRoot(value as string) } }) as never),
      KEY,
      'vvv-x---',
    ),
  ];
}

/** The checkpoint with a shorter root, signed again. */
function shortRoot(checkpoint: string): string {
  const [origin, size, root] = checkpoint.split('\n') as [string, string, string];
  const text = `${origin}\n${size}\n${base64(Buffer.from(root, 'base64').subarray(1))}\n`;
  return noteOf(text, LOG_KEY.line(text));
}

function wideCases(): CorpusCase[] {
  const wide = (name: string, traits: Parameters<typeof makeWide>[0], marks: string) =>
    oneCase(`rows: ${name}`, widePdf(makeWide(traits)), KEY, marks);
  const swapped = (texts: readonly string[]) => texts.with(0, texts[1] as string).with(1, texts[0] as string);
  return [
    oneCase(
      'rows: a report on a fleet',
      bothOf(makeWide({ report: { scope: 'fleet' } }) as never),
      KEY,
      'x-------',
    ),
    oneCase(
      'rows: a policy whose text is a number',
      bothOf(makeWide({ report: { 'policies.0.text': 5 } }) as never),
      KEY,
      'x-------',
    ),
    wide('a figure that is a text', { report: { redactions_by_kind: json({ NAME: '5' }) } }, 'vvx-v---'),
    wide(
      'a proof with another member beside it',
      { multiproofBytes: (bytes) => Buffer.from(bytes.toString().replace(/\}$/, ',"note":1}')) },
      'x-------',
    ),
    wide('places that are an object', { sessions: [], multiproof: { indexes: json({}) } }, 'x-------'),
    wide('a place that is a text', { multiproof: { 'indexes.0': 'a' } }, 'x-------'),
    wide('a place that is true', { multiproof: { 'indexes.0': true } }, 'x-------'),
    wide('a size that is a text', { multiproof: { size: 'all' } }, 'x-------'),
    wide(
      'two places and their entries in the other order',
      { lines: swapped, multiproof: { indexes: (value) => json(swapped(value as never)) } },
      'vvv-x---',
    ),
  ];
}

function keyTimeCases(): CorpusCase[] {
  const started = (limit: string) =>
    oneCase(
      `audit key with ${limit}, and a session that started at no time`,
      packOf(
        makeReport({
          session: sealed,
          evidence: null,
          missing: 'not logged yet',
          report: { 'session.started_at': 'soon' },
        }),
      ),
      [...KEY, '--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE};${limit}=2026-01-01T00:00:00Z`)],
      'vvv----x',
    );
  return [started('not_before'), started('not_after')];
}

const nested = (lists: number, within: string) => `,"zz":${'['.repeat(lists)}${within}${']'.repeat(lists)}}}`;

export function singleCheckCases(): CorpusCase[] {
  const deep = (lists: number, within = '') =>
    bothOf(
      makeReport({
        session: sealed,
        bytes: (bytes) => Buffer.from(bytes.toString().replace(/\}\}$/, nested(lists, within))),
      }),
    );
  return [
    oneCase('JSON with a list in 256 values, signed', deep(255), KEY, 'vv--v---'),
    oneCase('JSON with a list in 257 values, signed', deep(256), KEY, 'x-------'),
    ...['1', '"text"', 'null', '{}'].flatMap((within) => [
      oneCase(`JSON with ${within} in 256 values, signed`, deep(254, within), KEY, 'vv--v---'),
      oneCase(`JSON with ${within} in 257 values, signed`, deep(255, within), KEY, 'x-------'),
    ]),
    ...witnessCases(),
    ...noteCases(),
    ...singleProofCases(),
    ...wideCases(),
    ...keyTimeCases(),
    ...singleRecordCases(),
    ...argumentCases(),
    ...zipCases(),
  ];
}
