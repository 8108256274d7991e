// The transitions of a session's row that an import makes: see `session-states.ts` for the fields.
import type { Session } from './session.ts';
import type { StoredSession } from './session-row.ts';
import { openRow } from './session-states.ts';
import { toRow } from './to-row.ts';
import { change, type Transition } from './transition.ts';

/** The row to insert for a session whose import begins. From: no row. To: importing. */
export function claimRow(
  accountId: string,
  session: Session,
  payloadsSha256Hex: string | null,
  now: Date,
): StoredSession {
  return { ...openRow(accountId, session, payloadsSha256Hex, now), importing: true };
}

/** Shows an imported session, once its log is stored. From: importing. To: published, its counts due. */
export function publishClaim(accountId: string, sessionId: string, now: Date): Transition {
  return {
    filter: { _id: sessionId, account_id: accountId, importing: true },
    update: change(now, {}, ['importing']),
  };
}

/**
 * Replaces a session by a longer export of it, once its log is stored. A stored root stays until the new export brings
 * its own. From: unsealed, no longer than the new log, and with the stored root that the import saw and compared.
 * To: as the new export says, its counts due, without marks.
 */
export function publishExtension(
  accountId: string,
  session: Session,
  payloadsSha256Hex: string | null,
  seenRootHex: string | null,
  now: Date,
): Transition {
  const { _id, merkle_root_hex, merkle_root_size, ...rest } = toRow(session, payloadsSha256Hex);
  const root = merkle_root_hex === null ? {} : { merkle_root_hex, merkle_root_size };
  return {
    filter: {
      _id,
      account_id: accountId,
      merkle_root_hex: seenRootHex,
      'log.seal': null,
      'log.size': { $lte: session.log.size },
    },
    update: change(now, { ...rest, ...root, account_id: accountId }, [
      ...(['log_failed', 'log_unverifiable', 'payloads_for'] as const),
    ]),
  };
}

/**
 * Shows a session whose row an earlier import hid, as this import stored its log. From: importing, with no other seal
 * than this session's, no longer than its log, and with the stored root that the import saw and compared. To:
 * published, as this session says, its counts due, without marks.
 */
export function publishRetaken(
  accountId: string,
  session: Session,
  payloadsSha256Hex: string | null,
  seenRootHex: string | null,
  now: Date,
): Transition {
  const { filter, update } = publishExtension(accountId, session, payloadsSha256Hex, seenRootHex, now);
  return {
    // Any value hides a row.
    filter: { ...filter, importing: { $exists: true }, 'log.seal': { $in: [null, session.log.seal] } },
    update: { ...update, $unset: { ...update.$unset, importing: '' } },
  };
}
