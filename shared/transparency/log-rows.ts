// The stored form of an account log: segments of 256 entries, tiles of hashes, and a head. It has no indexes but that of `_id`,
// which all reads are by but those of the heads of all accounts, one each.
import type { Binary } from 'mongodb';

/** Collections of the account log. */
export const LOG_SEGMENTS = 'account_log_segments';
export const LOG_TILES = 'account_log_tiles';
export const LOG_HEADS = 'account_logs';

/** Entries of a full segment: it is a full tile of level 0 (C2SP tlog-tiles). */
export const LOG_SEGMENT_SIZE = 256;

/** A document of `account_log_segments`. Its entries stand as those of an audit log's segment do. */
export type StoredLogSegment = {
  /** `logSegmentId` */
  _id: string;
  account_id: string;
  /** Entries: what an append compares. Never evidence. */
  count: number;
  /** Canonical texts, while the segment is not full. */
  entries: string[] | null;
  /** The entries of a full one. */
  packed?: Uint8Array;
  /** By the log's key, over what `segment-note.ts` says. */
  signature: Binary;
};

/** A document of `account_log_tiles`: hashes of a level above 0 or of the half level, made of the segments whenever a checkpoint is signed. */
export type StoredLogTile = {
  /** `logTileId` */
  _id: string;
  account_id: string;
  /** Up to 256 hashes of 32 bytes, end to end. */
  hashes: Binary;
};

/** A document of `account_logs`. */
export type StoredLogHead = {
  /** The account's id. */
  _id: string;
  /** Up to this index the rows of the entries' subjects have their `log_index`. */
  marked: number;
  checkpoint?: StoredCheckpoint;
  /** The log contradicts a checkpoint, so nothing is signed. */
  failed?: {
    reason: string;
    found_at: Date;
    /** The signed note of a checkpoint that it contradicts, which other processes may not know. */
    checkpoint?: string;
  };
  /** When rows of before were made due for the log. */
  due_at?: Date;
  /** Rows that are due for the log, and that somebody wrote or changed: they get no entry. Absent for none. */
  refused?: number;
  /** Witnesses that hold another log than this one, by what they answered last. Absent or empty for none. */
  contradictions?: { name: string; problem: string; found_at: Date }[];
};

/** The last signed checkpoint. */
export type StoredCheckpoint = {
  size: number;
  root_hex: string;
  /** The signed note, without cosignatures. */
  note: string;
  signed_at: Date;
  cosignatures: StoredCosignature[];
};

/** A cosignature of a checkpoint. */
export type StoredCosignature = {
  /** The witness's name. */
  name: string;
  /** The line of the note, without its LF. */
  line: string;
  at: Date;
};

/** The `_id` of a segment. It holds the account id, so that a filter on `_id` alone stays within the account. */
export function logSegmentId(accountId: string, index: number): string {
  return `${accountId}/${index}`;
}

/** The `_id` of a tile. */
export function logTileId(accountId: string, level: number, index: number): string {
  return `${accountId}/${level}/${index}`;
}

/** Whether what a row has as its `log_index` can be one: whoever writes to the database may leave anything. */
export function isLogIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
