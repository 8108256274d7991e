// The states of a session's row, and every transition between them. A transition is a value: its filter is the state
// that it starts from, so of two writers at once the second matches no row and writes nothing. Those of marks are in
// `mark-states.ts`, those of an import in `import-states.ts`, those of the account log in `logged-states.ts`; no update of a
// row is written anywhere else.
//
// field        null or absent         otherwise                               set by → unset by
// importing    published              hidden: an import fills its log         claimRow → publishClaim, publishRetaken
// ended_at     open                   ended                                   recordClose, publishExtension
// payloads_for the payloads came       the ends with which they came           keepPayloads → publishExtension
//              with the row
// log.seal     the log may grow       sealed                                  recordClose, publishExtension
// merkle_root  no stored root         the root that later walks reproduce     recordClose, storeRoot, publishExtension
// log.opening  written by an earlier  the mark over how it began              openRow, claimRow, markOpening,
//              release, or imported                                           publishExtension, publishRetaken → an
//              sealed                                                         import of the sealed log
// changes      not changed yet        writes that derived data has to follow  every transition with *, storeRoot
// stage        counts, root are due   counted: its hour's sum is due          finishSession, storeRoot → *
//                                     done: nothing is due                    finishSession, settleHour → *
// log_failed   not marked             its log was found to fail               markFailed → clearMarks, publishExtension
// log_unverifiable  not marked        its log's key was not configured, or    markUnverifiable → clearMarks,
//                                     its row is damaged                      publishExtension, storeRoot,
//                                                                             retryUnverifiable
// walked_at    not walked yet         when the schedule walked its log last   noteWalk; never unset
// log_due      not due for the log    the stored root that the account log lacks  recordClose, storeRoot, claimRow,
//                                     publishExtension, publishRetaken → see logged-states.ts
//
// * publishClaim, publishRetaken, publishExtension, raiseLog, recordClose, replaceCounts, clearMarks, retryUnverifiable.
// The log's writers open, raise and close; the import claims, publishes and extends; recordOutcome marks and clears;
// the pipeline and the operator's commands do the rest.
import type { Filter } from 'mongodb';
import type {
  ClosedLog,
  CountedLog,
  RecordedSession,
  Session,
  SessionEnd,
  SessionSnapshot,
} from './session.ts';
import type { StoredSession } from './session-row.ts';
import { dueForLog, toRow, toStoredClose, toStoredHead } from './to-row.ts';
import { change, type Transition } from './transition.ts';

/** The row to insert for a new session. From: no row. To: published, its counts due. */
export function openRow(
  accountId: string,
  session: Session,
  payloadsSha256Hex: string | null,
  now: Date,
): StoredSession {
  return { ...toRow(session, payloadsSha256Hex), account_id: accountId, changed_at: now };
}

/** How far a row has followed its log, as a writer read it. */
export type Followed = Readonly<{
  /** The last `seq` counted. */
  throughSeq: number;
  /** The recorded size. */
  size: number;
}>;

/**
 * Raises the recorded head and the counts of an open log. From: unsealed, and as far as the writer read it. To: counted up
 * to the new head, its counts due. Null where the recorded size is larger than the new one.
 */
export function raiseLog(
  accountId: string,
  sessionId: string,
  from: Followed,
  raised: CountedLog,
  now: Date,
): Transition | null {
  if (!(from.size <= raised.size)) return null;
  return {
    filter: {
      _id: sessionId,
      account_id: accountId,
      'log.seal': null,
      'aggregate.through_seq': from.throughSeq,
      'log.size': from.size,
    },
    update: change(now, toStoredHead(raised)),
  };
}

/**
 * Names the payloads of a session that ends in this way. From: unsealed, without any, or with the same. To: with these, for
 * this end, on which no derived data bears.
 */
export function keepPayloads(
  accountId: string,
  sessionId: string,
  payloadsSha256Hex: string,
  { endedAt, status }: SessionEnd,
): Transition {
  return {
    filter: {
      _id: sessionId,
      account_id: accountId,
      'log.seal': null,
      payloads: null,
      // The same of an earlier release are for every end.
      $or: [
        { payloads_sha256: null },
        { payloads_sha256: payloadsSha256Hex, payloads_for: { $exists: true } },
      ],
    },
    update: {
      $set: { payloads_sha256: payloadsSha256Hex },
      $addToSet: { payloads_for: { ended_at: endedAt, status } },
    },
  };
}

/** Records that a log was closed, with its seal and root. From: unsealed. To: ended and sealed, its counts due. */
export function recordClose(accountId: string, sessionId: string, closed: ClosedLog, now: Date): Transition {
  return {
    filter: { _id: sessionId, account_id: accountId, 'log.seal': null },
    update: change(now, toStoredClose(closed)),
  };
}

/**
 * Marks the opening of a session that an earlier release stored. From: unsealed, without a mark, with the facts that the mark
 * covers. To: with the mark, on which no derived data bears.
 */
export function markOpening(
  { id, accountId, agentId, startedAt, endedAt, status, policySha256Hex, log }: RecordedSession,
  mark: string,
): Transition {
  return {
    filter: {
      _id: id,
      account_id: accountId,
      agent_id: agentId,
      started_at: startedAt,
      ended_at: endedAt,
      status,
      policy_sha256: policySha256Hex,
      'log.key_id': log.keyId,
      'log.seal': null,
      'log.opening': { $exists: false },
    },
    update: { $set: { 'log.opening': mark } },
  };
}

/**
 * Notes that counts and root are up to date. From: the row as the snapshot has it. To: `counted` for an ended session,
 * whose hour comes next; `done` for an open one, which no hour holds.
 */
export function finishSession(accountId: string, snapshot: SessionSnapshot): Transition {
  const stage = snapshot.session.endedAt === null ? 'done' : 'counted';
  return { filter: asRead(accountId, snapshot), update: { $set: { stage } } };
}

/**
 * Stores the root of an ended session that has none, with the counts of the same walk. From: the row as the snapshot
 * has it. To: with a root, `counted`. Null where the snapshot is of an open session, or of one that has its root.
 */
export function storeRoot(
  accountId: string,
  snapshot: SessionSnapshot,
  root: CountedLog & Readonly<{ rootHex: string }>,
  now: Date,
): Transition | null {
  const { endedAt, merkleRootHex } = snapshot.session;
  if (endedAt === null || merkleRootHex !== null) return null;
  return {
    filter: asRead(accountId, snapshot),
    update: {
      $inc: { changes: 1 },
      $set: {
        ...toStoredHead(root),
        merkle_root_hex: root.rootHex,
        merkle_root_size: root.size,
        ...dueForLog(root.rootHex),
        stage: 'counted',
        changed_at: now,
      },
      $unset: { log_unverifiable: '' },
    },
  };
}

/**
 * Replaces the counts and the head by those of a verified log. From: the row as the snapshot has it. To: counts due.
 */
export function replaceCounts(
  accountId: string,
  snapshot: SessionSnapshot,
  counted: CountedLog,
  now: Date,
): Transition {
  return { filter: asRead(accountId, snapshot), update: change(now, toStoredHead(counted)) };
}

/**
 * Notes that an hour's sum holds the session. From: `counted`, with as many changes as the sum has seen. To: `done`.
 */
export function settleHour(
  accountId: string,
  { id, changes }: Readonly<{ id: string; changes: number }>,
): Transition {
  return {
    filter: { ...atVersion(accountId, id, changes), stage: 'counted' },
    update: { $set: { stage: 'done' } },
  };
}

/** Notes that the schedule walked the log, whatever was found. From: any. To: walked now. */
export function noteWalk(accountId: string, sessionId: string, now: Date): Transition {
  return { filter: { _id: sessionId, account_id: accountId }, update: { $set: { walked_at: now } } };
}

/** The row as a snapshot read it: every write that bears on derived data since then has raised `changes`. */
function asRead(accountId: string, { session, changes }: SessionSnapshot): Filter<StoredSession> {
  return atVersion(accountId, session.id, changes);
}

function atVersion(accountId: string, sessionId: string, changes: number): Filter<StoredSession> {
  const row = { _id: sessionId, account_id: accountId };
  // A row without the field is read as 0, which somebody may also have stored. Null matches a row without the field; the
  // driver's types do not know that.
  return changes === 0 ? { ...row, changes: { $in: [null as never, 0] } } : { ...row, changes };
}
