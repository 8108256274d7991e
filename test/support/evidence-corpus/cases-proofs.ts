// Event proofs and range proofs of which a part is changed.
import {
  evidenceOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  logOf,
  OTHER_KEY,
  OTHER_ORIGIN,
  type TlogParts,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase, WITNESSES } from './case.ts';
import { linkCases, memberCases, sessionCases } from './cases-proven-sessions.ts';
import { eventProof, type ProofTraits, rangeProof } from './event-proofs.ts';
import { type Changes, edit, json } from './json-edit.ts';
import { flip, withSignature } from './keys.ts';
import { closedText, SESSIONS } from './sessions.ts';
import { base64, inclusionOf, multiproofOf, rootOf } from './trees.ts';

const { sealed, long } = SESSIONS;
const path = inclusionOf(sealed.entries, 4).map(base64);
const between = multiproofOf(long.entries, [3, 4, 5, 6, 7]).map(base64);
const flipped = (hash: string) => base64(flip(Buffer.from(hash, 'base64'), 77));
const hashes = (list: readonly unknown[]) => ({ hashes: json(list) });
const short = (hash: string) => base64(Buffer.from(hash, 'base64').subarray(1));

/** Damaged lists of hashes, by the damage. */
const damaged = (list: readonly string[]): Record<string, Changes> => ({
  ...Object.fromEntries(
    list.map((hash, i) => [`a bit of hash ${i} flipped`, hashes(list.with(i, flipped(hash)))]),
  ),
  'one hash more': hashes([...list, list[0]]),
  'one hash more, at the front': hashes([list[0], ...list]),
  'the first hash missing': hashes(list.slice(1)),
  'the last hash missing': hashes(list.slice(0, -1)),
  'no hashes': hashes([]),
  'two hashes swapped': hashes([list[1], list[0], ...list.slice(2)]),
  'a hash of 31 bytes': hashes(list.with(0, short(list[0] as string))),
  'a hash that is no base64': hashes(list.with(0, '!!!')),
});

const EVENT: Readonly<Record<string, Changes>> = {
  ...damaged(path),
  'index one more': { index: 5 },
  'index one less': { index: 3 },
  'index the size': { index: 7 },
  'index below zero': { index: -1 },
  'size one more': { size: 8 },
  'size one less': { size: 6 },
  'another entry of the session': { entry: sealed.entries[3] as string },
  'an entry of another session': { entry: long.entries[4] as string },
  'an altered entry': { entry: edit(sealed.entries[4] as string, { confidence: 0.25 }) },
  'an entry with a space': { entry: (sealed.entries[4] as string).replace(':', ': ') },
  'an entry that is no JSON': { entry: 'entry' },
};

const RANGE: Readonly<Record<string, Changes>> = {
  ...damaged(between),
  'from one more': { from: 4 },
  'from one less': { from: 2 },
  'to one more': { to: 9 },
  'to one less': { to: 7 },
  'to before from': { to: 2 },
  'to behind the size': { from: 8, to: 14 },
  'size one more': { size: 14 },
  'size one less': { size: 12 },
  'an entry left out': { entries: json(long.entries.slice(3, 8).toSpliced(2, 1)) },
  'an entry left out, to made fit': { entries: json(long.entries.slice(3, 8).toSpliced(2, 1)), to: 7 },
  'two entries in the other order': { entries: json([3, 5, 4, 6, 7].map((i) => long.entries[i])) },
  'an entry doubled': { entries: json([3, 4, 4, 5, 6, 7].map((i) => long.entries[i])) },
  'an entry altered': {
    entries: json(long.entries.slice(3, 8).with(1, edit(long.entries[4] as string, { confidence: 0.25 }))),
  },
  'no entries': { entries: json([]) },
  'an empty stretch': { entries: json([]), to: 3, hashes: json([base64(rootOf(long.entries))]) },
};

const SHAPES: Readonly<Record<string, Changes>> = {
  'a member more': { note: 'x' },
  'version 2': { v: 2 },
  'no version': { v: undefined },
  'no hashes at all': { hashes: undefined },
  'hashes that are a text': { hashes: 'hashes' },
  'a hash that is a number': { hashes: json([5]) },
  'a size that is a text': { size: '7' },
  'no proof of the session': { session_proof: undefined },
  'a proof that is an object': { session_proof: json({}) },
  'no entry of the log': { session_closed: undefined },
  'an entry of the log that is a number': { session_closed: 5 },
};

const good = evidenceOf(sealed);

/** Changes to the session's tlog-proof: wrong without any key. */
const TLOG: Readonly<Record<string, (parts: TlogParts) => TlogParts>> = {
  'index one more': (parts) => ({ ...parts, index: `${good.log_index + 1}` }),
  'index with a zero before it': (parts) => ({ ...parts, index: `0${parts.index}` }),
  'index that is none': (parts) => ({ ...parts, index: 'one' }),
  'a bit flipped': (parts) => ({
    ...parts,
    hashes: parts.hashes.with(0, flipped(parts.hashes[0] as string)),
  }),
  'a hash more': (parts) => ({ ...parts, hashes: [...parts.hashes, parts.hashes[0] as string] }),
  'a hash missing': (parts) => ({ ...parts, hashes: parts.hashes.slice(1) }),
  'a hash that is not exact base64': (parts) => ({
    ...parts,
    hashes: parts.hashes.with(0, (parts.hashes[0] as string).replace('=', '')),
  }),
  'no extra line': (parts) => ({ ...parts, extra: null }),
  'an empty extra line': (parts) => ({ ...parts, extra: '' }),
  "another session's extra line": (parts) => ({ ...parts, extra: base64(Buffer.from(closedText(long))) }),
  'no checkpoint': (parts) => ({ ...parts, checkpoint: '' }),
  'a checkpoint with a byte behind it': (parts) => ({ ...parts, checkpoint: `${parts.checkpoint}x` }),
};

const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  'another first line': (text) => text.replace('@v1', '@v2'),
  'carriage returns': (text) => text.replaceAll('\n', '\r\n'),
  'no empty line': (text) => text.replace('\n\n', '\n'),
  'extra and index swapped': (text) => text.replace(/(extra [^\n]*\n)(index [^\n]*\n)/, '$2$1'),
  'two index lines': (text) => text.replace(/(index [^\n]*\n)/, '$1$1'),
};

export function proofCases(): CorpusCase[] {
  const event = (traits: ProofTraits) => eventProof(sealed, 4, traits);
  const range = (traits: ProofTraits) => rangeProof(long, 3, 8, traits);
  const both = (name: string, make: (traits: ProofTraits) => Buffer, change: Changes, kind: string) => [
    oneCase(`${kind} proof with ${name}`, make({ change }), KEY, 'v-x-v---'),
    oneCase(`${kind} proof with ${name}, without a key`, make({ change }), [], '--x-----'),
  ];
  return [
    ...Object.entries(EVENT).flatMap(([name, change]) => both(name, event, change, 'event')),
    ...Object.entries(RANGE).flatMap(([name, change]) => both(name, range, change, 'range')),
    ...Object.entries(SHAPES).flatMap(([name, change]) => [
      oneCase(`event proof with ${name}`, event({ change }), KEY, 'x-------'),
      oneCase(`range proof with ${name}`, range({ change }), KEY, 'x-------'),
    ]),
    oneCase(
      'event proof with an entry that is an object',
      event({ change: { entry: json({}) } }),
      KEY,
      'x-------',
    ),
    oneCase('event proof with an index that is a text', event({ change: { index: '4' } }), KEY, 'x-------'),
    oneCase('range proof with entries that are a text', range({ change: { entries: 'x' } }), KEY, 'x-------'),
    oneCase(
      'range proof with an entry that is a number',
      range({ change: { entries: json([1]) } }),
      KEY,
      'x-------',
    ),
    oneCase('range proof with from as a text', range({ change: { from: '3' } }), KEY, 'x-------'),
    oneCase('range proof with to as a text', range({ change: { to: '8' } }), KEY, 'x-------'),
    oneCase('event proof that is a list', Buffer.from('{"event_proof":[]}'), KEY, 'x-------'),
    oneCase(
      'event proof with a member beside it',
      Buffer.from(`${event({}).toString().slice(0, -1)},"sent_by":"mail"}`),
      KEY,
      'x-------',
    ),
    ...Object.entries(TLOG).flatMap(([name, proof]) => [
      oneCase(`event proof, the session's proof: ${name}`, event({ proof }), KEY, '----x---'),
      oneCase(`event proof, the session's proof: ${name}, without a key`, event({ proof }), [], '----x---'),
    ]),
    ...Object.entries(TEXTS).map(([name, proofText]) =>
      oneCase(`event proof, the session's proof: ${name}`, event({ proofText }), KEY, '----x---'),
    ),
    ...signatureCases(event),
    ...sessionCases(),
    ...memberCases(),
    ...linkCases({
      event: EVENT['an altered entry'] as Changes,
      range: RANGE['an entry altered'] as Changes,
    }),
  ];
}

function signatureCases(event: (traits: ProofTraits) => Buffer): CorpusCase[] {
  const forged = evidenceOf(sealed, logOf([sealed]), [FORGER_KEY]);
  const elsewhere = evidenceOf(sealed, LOG, [OTHER_KEY], OTHER_ORIGIN);
  const changed = (n: number) => ({
    ...good,
    checkpoint: withSignature(good.checkpoint, n, (bytes) => flip(bytes, 150)),
  });
  return [
    oneCase('event proof by a forger', event({ evidence: forged }), KEY, '----x---'),
    oneCase('event proof by a forger, without a key', event({ evidence: forged }), [], '--------'),
    oneCase("event proof in another account's log", event({ evidence: elsewhere }), KEY, '----x---'),
    oneCase(
      "event proof in another account's log, with its key",
      event({ evidence: elsewhere }),
      ['--key', OTHER_KEY.vkey],
      'v-v-v---',
    ),
    oneCase('event proof with a wrong signature', event({ evidence: changed(0) }), KEY, '----x---'),
    oneCase(
      'event proof with a wrong cosignature',
      event({ evidence: changed(1) }),
      [...KEY, ...WITNESSES],
      'v-v-vx--',
    ),
    oneCase(
      'event proof, signed by two keys',
      event({ evidence: evidenceOf(sealed, LOG, [OTHER_KEY, LOG_KEY]) }),
      KEY,
      'v-v-v---',
    ),
  ];
}
