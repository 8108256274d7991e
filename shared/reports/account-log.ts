// What a report reads of its account's log, and what it states of it. A report states nothing of the log that it has not
// checked: see `session-evidence.ts`, and `window-log.ts` of the workers.
import type { KnownRoot } from '../transparency/checkpoint-memory.ts';
import type { LogIdentity } from '../transparency/log-origin.ts';
import type { SessionPlaces } from '../transparency/log-places.ts';
import type { LogSegment } from '../transparency/log-segments.ts';

/** Why a report on a session states no evidence. */
export const EVIDENCE_MISSING = ['open', 'not logged yet', 'no log'] as const;
/** One of `EVIDENCE_MISSING`. */
export type EvidenceMissing = (typeof EVIDENCE_MISSING)[number];

/** A session's entry in the account log, under the newest signed checkpoint. */
export type LoggedSession = Readonly<{
  logIndex: number;
  /** Entries under the checkpoint. */
  logSize: number;
  /** The whole signed note. */
  checkpoint: string;
  /** Inclusion proof (RFC 6962 section 2.1.1) of the entry, 32 bytes each. */
  inclusion: readonly Uint8Array[];
  /** The entry's text. */
  sessionClosed: string;
}>;

/** The newest signed checkpoint. */
export type SignedCheckpoint = Readonly<{
  size: number;
  /** The whole signed note. */
  checkpoint: string;
}>;

/** What is signed of a log: `size` entries are under its checkpoint, and each of `roots` is one that it had. */
export type SignedPart = Readonly<{ size: number; roots: readonly KnownRoot[] }>;

/** Reads account logs. All methods reject with the driver's error when the database is away. */
export type LogReader = Readonly<{
  /** A reader for one report, which reads no entry twice: those that it has read may be out of date. */
  once(): LogReader;
  /**
   * Under the newest signed checkpoint, or under one that was read before. Null where that does not cover the entry, or the
   * index is null. For an index at which the log has none, an entry without text that is under no checkpoint.
   */
  sessionEvidence(
    accountId: string,
    logIndex: number | null,
    under?: SignedCheckpoint,
  ): Promise<LoggedSession | null>;
  /** Null where the log has no signed checkpoint. */
  checkpoint(accountId: string): Promise<SignedCheckpoint | null>;
  /** The hashes of a multiproof of the entries at ascending indexes, in the tree of `size` entries. */
  multiproof(accountId: string, indexes: readonly number[], size: number): Promise<readonly Uint8Array[]>;
  /** The texts at these indexes, in their order; null where there is none. */
  entryTexts(accountId: string, indexes: readonly number[]): Promise<readonly (string | null)[]>;
  /** Where the entries about a session stand, by an index of their own: not every entry need be in it. */
  placesOf(accountId: string, sessionId: string): Promise<SessionPlaces>;
  /**
   * Every stored segment, by default from the first on, those behind the checkpoint too: whoever puts an older checkpoint back
   * leaves them there. Throws `DamagedLog` where the log has fewer entries than are signed, or behind the checkpoint one in a
   * segment that no key of the log signed, as every writer of ours does; and where it does not give one of the roots. Once all
   * were read, they are what was signed, and not before that.
   */
  readSigned(accountId: string, signed: SignedPart, firstSegment?: number): AsyncIterable<LogSegment>;
  /**
   * As `readSigned`, every entry that a session was closed, or that a report on one was issued, in ascending order of indexes.
   */
  listAboutSessions(
    accountId: string,
    signed: SignedPart,
  ): AsyncIterable<Readonly<{ index: number; text: string }>>;
}>;

/** The public keys of the account logs of this deployment. */
export type LogKeys = LogIdentity;

/** The account logs, as a thread reads and checks them. */
export type AccountLogs = Readonly<{ reader: LogReader; keys: LogKeys }>;

/** What a report on a session states of the log. */
export type SessionEvidenceFacts = LoggedSession & Readonly<{ origin: string; verifierKey: string }>;

/** What a report over many sessions states of the log. */
export type WindowEvidenceFacts = Readonly<{
  checkpoint: string;
  logSize: number;
  origin: string;
  verifierKey: string;
}>;
