// Event proofs and range proofs of which a part is changed.
import {
  checkpointOf,
  evidenceOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  logOf,
  OTHER_KEY,
  OTHER_ORIGIN,
  type TlogParts,
} from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase, WITNESSES } from './case.ts';
import { eventProof, type ProofTraits, rangeProof } from './event-proofs.ts';
import { type Changes, edit, json, otherHex, otherId } from './json-edit.ts';
import { flip, withSignature } from './keys.ts';
import { type CorpusSession, closedText, makeSession, SESSIONS, writeEntries } from './sessions.ts';
import { base64, inclusionOf, multiproofOf, rootOf } from './trees.ts';

const { sealed, unsealed, long } = SESSIONS;
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
    ...linkCases(),
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

/** The entry of the log is another one, or none. */
function sessionCases(): CorpusCase[] {
  const other = evidenceOf(unsealed);
  const change = { session_closed: closedText(sealed).replace(':', ': ') };
  const policy = {
    ...good,
    session_closed: LOG[0] as string,
    log_index: 0,
    inclusion: inclusionOf(LOG, 0).map(base64),
  };
  const lying: CorpusSession = { ...sealed, rootHex: otherHex(sealed.rootHex) };
  const shorter: CorpusSession = { ...long, rootHex: sealed.rootHex };
  return [
    oneCase('event proof under another session', eventProof(sealed, 4, { evidence: other }), KEY, 'v-x-v---'),
    oneCase(
      'range proof under another session',
      rangeProof(long, 3, 8, { evidence: other }),
      KEY,
      'v-x-v---',
    ),
    oneCase('event proof under an entry with a space', eventProof(sealed, 4, { change }), KEY, '----x---'),
    oneCase(
      'event proof under an entry of another kind',
      eventProof(sealed, 4, { evidence: policy }),
      KEY,
      '----x---',
    ),
    oneCase(
      'event proof under another root, logged and signed',
      eventProof(sealed, 4, { evidence: evidenceOf(lying, logOf([lying])) }),
      KEY,
      'v-x-v---',
    ),
    oneCase(
      'event proof under another size, logged and signed',
      eventProof(sealed, 4, { evidence: evidenceOf(shorter, logOf([shorter])) }),
      KEY,
      'v-x-v---',
    ),
    oneCase(
      'event proof under an agent that is not the entry’s',
      eventProof(sealed, 4, { evidence: ofOther({ agentId: otherId(sealed.agentId) }) }),
      KEY,
      'v-x-v---',
    ),
    oneCase(
      'event proof under a session that is not the entry’s',
      eventProof(sealed, 4, { evidence: ofOther({ id: otherId(sealed.id) }) }),
      KEY,
      'v-x-v---',
    ),
  ];
}

function ofOther(change: Partial<CorpusSession>) {
  const other = { ...sealed, ...change };
  return evidenceOf(other, logOf([other]));
}

/** Entries of the log of which one member is not of its type, logged and signed. */
function memberCases(): CorpusCase[] {
  const changes: Changes = {
    account_id: 'acc_1',
    agent_id: 'agt_1',
    ended_at: '2026-05-02T21:08:11Z',
    head_hash: '00',
    key_id: 7,
    kind: 'session_open',
    merkle_root_hex: 'F'.repeat(64),
    policy_sha256: 'sha256',
    seal: true,
    session_id: 'sess_1',
    size: -1,
    started_at: '2026-02-30T00:00:00.000Z',
    status: 7,
  };
  const proof = (change: Changes) => {
    const text = edit(closedText(sealed), change);
    const log = [LOG[0] as string, text, LOG[2] as string];
    const inclusion = inclusionOf(log, 1).map(base64);
    const place = { checkpoint: checkpointOf(log), inclusion, log_index: 1, log_size: 3 };
    return eventProof(sealed, 4, { evidence: { ...good, ...place, session_closed: text } });
  };
  return [
    ...Object.entries(changes).map(([name, value]) =>
      oneCase(`event proof, the log's entry with a wrong ${name}`, proof({ [name]: value }), KEY, '----x---'),
    ),
    oneCase("event proof, the log's entry too long", proof({ key_id: 'k'.repeat(5000) }), KEY, '----x---'),
    oneCase("event proof, the log's entry long", proof({ key_id: 'k'.repeat(3000) }), KEY, 'v-v-v---'),
  ];
}

/** Logs whose entries do not follow each other: a proof shows that they are logged, and not that they hold. */
function linkCases(): CorpusCase[] {
  const redaction = { entity_kind: 'NAME', pass: 'gemma', confidence: 1 };
  const logged = (name: string, extras: readonly Record<string, unknown>[]) => {
    const bare = makeSession({ name, size: 0 });
    return makeSession({ name, size: 0, entries: writeEntries(bare, extras) });
  };
  const proofOf = (session: CorpusSession, from: number, to: number) =>
    rangeProof(session, from, to, { evidence: evidenceOf(session, logOf([session])) });
  const broken = logged('07', [redaction, redaction, { ...redaction, prev_hash: '1'.repeat(64) }, redaction]);
  const gap = logged('08', [redaction, { ...redaction, seq: 2 }, { ...redaction, seq: 3 }]);
  const late = logged('09', [{ ...redaction, prev_hash: '1'.repeat(64) }, redaction]);
  const malformed = logged('10', [redaction, { ...redaction, span: [9, 3] }, redaction]);
  const headed = { ...logged('11', [redaction, redaction]), headHash: '2'.repeat(64) };
  const unlinked = logged('12', [{ ...redaction, prev_hash: 'zz' }, redaction]);
  const event = (session: CorpusSession, index: number) =>
    eventProof(session, index, { evidence: evidenceOf(session, logOf([session])) });
  return [
    oneCase('range proof over a broken link', proofOf(broken, 1, 4), KEY, 'v-x-v---'),
    oneCase('range proof beside a broken link', proofOf(broken, 2, 4), KEY, 'v-v-v---'),
    oneCase('range proof over a gap in seq', proofOf(gap, 0, 2), KEY, 'v-x-v---'),
    oneCase('range proof from an entry that follows another', proofOf(late, 0, 1), KEY, 'v-x-v---'),
    oneCase('range proof of entries that are malformed', proofOf(malformed, 0, 3), KEY, 'v-x-v---'),
    oneCase('range proof to an end that is not the head', proofOf(headed, 1, 2), KEY, 'v-x-v---'),
    oneCase('range proof before an end that is not the head', proofOf(headed, 0, 1), KEY, 'v-v-v---'),
    oneCase('event proof of an entry that is malformed', event(malformed, 1), KEY, 'v-x-v---'),
    oneCase('event proof of an entry at another seq', event(gap, 1), KEY, 'v-x-v---'),
    oneCase(
      'range proof with an altered entry, with the audit key',
      rangeProof(long, 3, 8, { change: RANGE['an entry altered'] as Changes }),
      [...KEY, ...MACS],
      'v-x-v--x',
    ),
    oneCase(
      'event proof with an altered entry, with the audit key',
      eventProof(sealed, 4, { change: EVENT['an altered entry'] as Changes }),
      [...KEY, ...MACS],
      'v-x-v--x',
    ),
    oneCase('event proof of an entry whose link is no hash', event(unlinked, 0), KEY, 'v-x-v---'),
    ...[-1, 5].map((from) =>
      oneCase(
        `range proof of a session without an entry, from ${from} to ${from}`,
        rangeProof(SESSIONS.empty, from, from),
        KEY,
        'v-x-v---',
      ),
    ),
    oneCase(
      'range proof of all entries under an entry of another kind',
      rangeProof(sealed, 0, 7, {
        evidence: {
          ...good,
          session_closed: LOG[0] as string,
          log_index: 0,
          inclusion: inclusionOf(LOG, 0).map(base64),
        },
      }),
      [...KEY, ...MACS],
      '----x---',
    ),
    ...['', ', without a key'].map((name) =>
      oneCase(
        `event proof in a log of another origin, signed by the key${name}`,
        eventProof(sealed, 4, { evidence: evidenceOf(sealed, LOG, [LOG_KEY], OTHER_ORIGIN) }),
        name === '' ? KEY : [],
        name === '' ? '----x---' : '--------',
      ),
    ),
    oneCase('range proof of a session without an entry', rangeProof(SESSIONS.empty, 0, 0), KEY, 'v-vvv---'),
  ];
}
