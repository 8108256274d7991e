// Proofs under other entries of the log, and of logs that do not hold.
import { checkpointOf, evidenceOf, LOG, LOG_KEY, logOf, OTHER_ORIGIN } from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase } from './case.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import { type Changes, edit, otherHex, otherId } from './json-edit.ts';
import { type CorpusSession, closedText, makeSession, SESSIONS, writeEntries } from './sessions.ts';
import { base64, inclusionOf } from './trees.ts';

const { sealed, unsealed, long } = SESSIONS;
const good = evidenceOf(sealed);

/** The entry of the log is another one, or none. */
export function sessionCases(): CorpusCase[] {
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

/** Members of the right type that no entry of the log has. */
const NEAR_MISSES: Readonly<Record<string, Changes>> = {
  'an unknown status': { status: 'weird' },
  'an empty status': { status: '' },
  'a status in capitals': { status: 'OK' },
  'an empty key id': { key_id: '' },
  'a start behind the year 9999': { started_at: '+010000-01-01T00:00:00.000Z' },
  'an end before the year 0': { ended_at: '-000001-01-01T00:00:00.000Z' },
};

/** Entries of the log of which one member is not of its type, logged and signed. */
export function memberCases(): CorpusCase[] {
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
    ...Object.entries(NEAR_MISSES).map(([name, change]) =>
      oneCase(`event proof, the log's entry with ${name}`, proof(change), KEY, '----x---'),
    ),
    ...['ok', 'error', 'partial'].map((status) =>
      oneCase(`event proof, the log's entry with the status ${status}`, proof({ status }), KEY, 'v-v-v---'),
    ),
    ...Object.entries(changes).map(([name, value]) =>
      oneCase(`event proof, the log's entry with a wrong ${name}`, proof({ [name]: value }), KEY, '----x---'),
    ),
    oneCase("event proof, the log's entry too long", proof({ key_id: 'k'.repeat(5000) }), KEY, '----x---'),
    oneCase("event proof, the log's entry long", proof({ key_id: 'k'.repeat(3000) }), KEY, 'v-v-v---'),
  ];
}

/** Logs whose entries do not follow each other: a proof shows that they are logged, and not that they hold. */
export function linkCases(altered: Readonly<{ event: Changes; range: Changes }>): CorpusCase[] {
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
    oneCase('event proof of a first entry that follows another', event(late, 0), KEY, 'v-x-v---'),
    oneCase('event proof of an entry behind one that follows another', event(late, 1), KEY, 'v-v-v---'),
    oneCase('event proof of a last entry that is not the head', event(headed, 1), KEY, 'v-x-v---'),
    oneCase('event proof of an entry before one that is not the head', event(headed, 0), KEY, 'v-v-v---'),
    oneCase('event proof of an entry that is malformed', event(malformed, 1), KEY, 'v-x-v---'),
    oneCase('event proof of an entry at another seq', event(gap, 1), KEY, 'v-x-v---'),
    oneCase(
      'range proof with an altered entry, with the audit key',
      rangeProof(long, 3, 8, { change: altered.range }),
      [...KEY, ...MACS],
      'v-x-v--x',
    ),
    oneCase(
      'event proof with an altered entry, with the audit key',
      eventProof(sealed, 4, { change: altered.event }),
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
