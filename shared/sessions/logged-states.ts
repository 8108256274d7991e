// What the account log writes to a session's row: the transitions of two fields, which no derived data depends on, so
// that `changes` stays.
//
// field       absent                  otherwise                                     set by → unset by
// log_due     nothing is due          the stored root that the log is to hold       a transition that stores a root
//                                                                                   (`session-states.ts`), makeDue
//                                                                                   → markLogged
// log_index   no entry holds a root   the index of the newest entry that does       markLogged, nameEntry
//                                                                                   → forgetEntry (`named-entries.ts`)
import { NAMES_NO_ENTRY } from '../transparency/named-entries.ts';
import type { Transition } from './transition.ts';

/** Notes which entry holds the session's stored root. From: due with this root. To: not due. */
export function markLogged(
  accountId: string,
  { sessionId, rootHex, index }: Readonly<{ sessionId: string; rootHex: string; index: number }>,
): Transition {
  return {
    filter: { _id: sessionId, account_id: accountId, log_due: rootHex },
    update: { $set: { log_index: index }, $unset: { log_due: '' } },
  };
}

/** Asks for an entry. From: with this stored root, not due with it, in no entry. To: due with it. */
export function makeDue(accountId: string, sessionId: string, rootHex: string): Transition {
  return {
    filter: {
      _id: sessionId,
      account_id: accountId,
      merkle_root_hex: rootHex,
      log_due: { $ne: rootHex },
      log_index: { $exists: false },
    } as object,
    update: { $set: { log_due: rootHex } },
  };
}

/** Names the entry that holds the session, where a row names none or another. From: naming what was seen there. */
export function nameEntry(
  accountId: string,
  { sessionId, seen, index }: Readonly<{ sessionId: string; seen: number | null; index: number }>,
): Transition {
  // Where no entry was seen, whatever is no index goes, too.
  const named = seen === null ? NAMES_NO_ENTRY : { log_index: seen };
  return {
    filter: { _id: sessionId, account_id: accountId, ...named } as object,
    update: { $set: { log_index: index } },
  };
}
