// Everything that is recorded of a log outside its entries, as plain data. The judge compares a walk with it.
import { ZERO_HASH_HEX } from './chain.ts';

/** Names a log: one session's, under the account that owns it. */
export type LogRef = Readonly<{ accountId: string; sessionId: string }>;

/** The recorded head of a log: a lower bound while the log is open, exact once it is sealed. */
export type LogHead = Readonly<{
  /** Entries. */
  size: number;
  /** `this_hash` of the last entry; 64 zeros for an empty log. */
  headHashHex: string;
  keyId: string;
  /** First 16 hex digits of `HMAC-SHA256(audit_key, "masker-key-check")`. */
  keyCheck: string;
  /** Hex, or null while the log is open or was never sealed. */
  seal: string | null;
  /** The mark of `opening.ts`; absent where no writer of ours marked it. A sealed log needs none. */
  opening?: string;
}>;

/** The places that keep anchors: `stored` on the session's row, `reported` in the ledger, `checkpoint` in the account log. */
export const ANCHOR_SOURCES = ['stored', 'reported', 'checkpoint'] as const;

/**
 * Who fixed a root: the session's row when the log closed or was backfilled, the ledger when a report stated it, or the
 * account log when the session was entered there.
 */
export type AnchorSource = (typeof ANCHOR_SOURCES)[number];

/** What a seal covers of a session. Times are ISO 8601 UTC with milliseconds. */
export type LoggedFacts = Readonly<{
  startedAt: string;
  policySha256Hex: string;
  endedAt: string | null;
  status: string;
}>;

/** A root that an earlier time fixed, and that a walk must reproduce at its size. */
export type Anchor = Readonly<{
  source: AnchorSource;
  /** Entries. */
  size: number;
  rootHex: string;
  /** The log was sealed then, so it must be sealed still. */
  sealed?: boolean;
  /** That seal, where an entry of the account log or whoever ended the log states it. */
  seal?: string;
  /** The session, by an entry of the account log on a log without a seal. */
  facts?: LoggedFacts;
  /** When the session started, by an entry of the account log that a report on it was issued. */
  startedAt?: string;
  /** The key of the log, where an entry of the account log states it. */
  keyId?: string;
  /** Whether a key of this deployment signed that root at that size; absent where nobody asked. */
  isSigned?: boolean;
  /** Of the rows of the ledger that state it, one; null where its id is no report's. */
  reportId?: string | null;
  /** What of it something signed speaks against (`weighAnchors`): it does not fail a log. */
  overruled?: Readonly<{ root: boolean; seal: boolean }>;
}>;

/** An anchor that nobody signed, that a log contradicts, and that something signed speaks against. */
export type DisputedAnchor = Readonly<{
  source: AnchorSource;
  reportId: string | null;
  /** What it states otherwise: the root or the size, that the log was sealed, or nothing that an anchor can. */
  claim: 'root' | 'seal' | 'form';
}>;

/** Everything recorded of a log: what its seal covers, its head, and its anchors. */
export type LogRecord = LogRef &
  Readonly<{
    agentId: string;
    startedAt: Date;
    /** Null while the session is open. */
    endedAt: Date | null;
    status: string;
    /** SHA-256 hex over the policy text's bytes. */
    policySha256Hex: string;
    log: LogHead;
    anchors: readonly Anchor[];
    /** Anchors that are none, and that something signed speaks against; absent where nobody weighed them. */
    disputed?: readonly DisputedAnchor[];
  }>;

/** The sizes at which a walk must take a snapshot for the judge, ascending, each once. */
export function recordedSizes({ log, anchors }: LogRecord): number[] {
  const sizes = [log.size, ...anchors.map(({ size }) => size)];
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/**
 * The part of the record that concerns the log's first `size` entries: without the seal, which covers the whole log,
 * and without a head or anchors of a larger size.
 */
export function recordUntil(record: LogRecord, size: number): LogRecord {
  const { log, anchors } = record;
  const head = log.size <= size ? log : { ...log, size: 0, headHashHex: ZERO_HASH_HEX };
  return {
    ...record,
    log: { ...head, seal: null },
    anchors: anchors
      .filter((anchor) => anchor.size <= size)
      .map(({ sealed: _, seal: __, facts: ___, ...anchor }) => anchor),
  };
}
