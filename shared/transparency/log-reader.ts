// Reads an account log for those who want proofs of it. Everything is stated under one signed checkpoint.
import type { Db } from 'mongodb';
import { hashLeaf } from '../merkle/hash.ts';
import {
  consistencyRanges,
  inclusionRanges,
  multiproofRanges,
  type Subtree,
} from '../merkle/proof-ranges.ts';
import { verifyInclusion } from '../merkle/verify-proof.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { DamagedLog, type HashDeps, rootFrom, rootsOf, tileHashes } from './log-hashes.ts';
import { type AccountLogHead, createLogHeads, type SignedCheckpoint } from './log-heads.ts';
import { type LogIdentity, logKeys, logOrigin } from './log-origin.ts';
import { createLogPlaces } from './log-places.ts';
import { LOG_SEGMENT_SIZE } from './log-rows.ts';
import { createLogSegments, readingOnce } from './log-segments.ts';
import { createLogTiles, type TileName } from './log-tiles.ts';
import { isSignedBy, parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A checkpoint that a key of the log has signed. */
export type TrustedCheckpoint = SignedCheckpoint &
  Readonly<{
    /** 32 bytes. */
    root: Uint8Array;
    /** The note with its cosignatures, as it is served. */
    text: string;
  }>;

/** A checkpoint that nobody has verified: its note with cosignatures. */
export type StoredCheckpoint = Readonly<{ size: number; text: string }>;

/** An entry, and its inclusion under a checkpoint (RFC 6962 section 2.1.1). */
export type LoggedEntry = Readonly<{
  index: number;
  /** Canonical JSON. */
  text: string;
  hashes: readonly Uint8Array[];
  checkpoint: TrustedCheckpoint;
}>;

/** An entry, and the hashes of an inclusion proof, as stored: nobody has verified them. */
export type UnprovenEntry = Readonly<{ text: string | null; hashes: readonly Uint8Array[] | null }>;

/** How a log stands. */
export type LogStanding = Readonly<{
  /** The newest checkpoint, as `checkpoint` gives it. */
  checkpoint: TrustedCheckpoint | null;
  /** A checkpoint is stored that no key of this deployment has signed. */
  isForeign: boolean;
  /** Entries that no checkpoint covers yet. */
  unsigned: number;
  failed: AccountLogHead['failed'];
  /** As stored: anybody's. */
  contradictions: AccountLogHead['contradictions'];
}>;

/** Reads the account logs. */
export type LogReader = ReturnType<typeof createLogReader>;

/**
 * `identity`: the keys whose signatures count. All methods reject with the driver's error when the database is away, and
 * with `DamagedLog` where the log lacks entries that its checkpoint covers.
 */
export function createLogReader(db: Db, identity: LogIdentity, segments = createLogSegments(db)) {
  const heads = createLogHeads(db);
  const places = createLogPlaces(db);
  const deps = { segments, tiles: createLogTiles(db) };

  /** The newest checkpoint; null where none is signed, or a key that is not this deployment's has signed it. */
  async function checkpoint(accountId: string): Promise<TrustedCheckpoint | null> {
    const { checkpoint: stored } = await heads.find(accountId);
    return stored && trust(identity, accountId, stored);
  }

  /** The texts of these entries, in their order; null for one that is missing. */
  async function entryTexts(
    accountId: string,
    indexes: readonly number[],
    from: HashDeps['segments'] = segments,
  ): Promise<(string | null)[]> {
    const wanted = [...new Set(indexes.map((index) => Math.floor(index / LOG_SEGMENT_SIZE)))];
    const found = await from.read(accountId, wanted);
    return indexes.map((index) => {
      const segment = found.get(Math.floor(index / LOG_SEGMENT_SIZE));
      return segment?.entries[index % LOG_SEGMENT_SIZE]?.toString() ?? null;
    });
  }

  /**
   * The text of an entry, null where it is missing, and the hashes of its inclusion proof in the tree of a size, null where
   * the log cannot give them. The segment of both is read once.
   */
  async function unprovenEntry(accountId: string, index: number, size: number): Promise<UnprovenEntry> {
    const once = readingOnce(segments);
    const hashing = rootsOf({ ...deps, segments: once }, accountId, inclusionRanges(index, size));
    const hashes = await hashing.catch(nullIfDamaged);
    const [text = null] = await entryTexts(accountId, [index], once);
    return { text, hashes };
  }

  return {
    checkpoint,
    entryTexts: (accountId: string, indexes: readonly number[]) => entryTexts(accountId, indexes),
    unprovenEntry,
    /** Where the entries about a session stand, whether its row names one or not. A hint: see `log-places.ts`. */
    placesOf: places.find,

    /** How the log stands, by one read. An empty log has no checkpoint and nothing unsigned. */
    async standing(accountId: string): Promise<LogStanding> {
      const { checkpoint: stored, marked, failed, contradictions } = await heads.find(accountId);
      const trusted = stored && trust(identity, accountId, stored);
      return {
        checkpoint: trusted,
        isForeign: stored !== null && trusted === null,
        unsigned: Math.max(0, marked - (stored?.size ?? 0)),
        failed,
        contradictions,
      };
    },

    /** The newest checkpoint as stored, whoever signed it. */
    async storedCheckpoint(accountId: string): Promise<StoredCheckpoint | null> {
      const { checkpoint: stored } = await heads.find(accountId);
      return stored && { size: stored.size, text: servedText(stored) };
    },

    /** An entry with its proof; null where no signed checkpoint covers it yet. Rejects where the log contradicts itself. */
    async entry(accountId: string, index: number): Promise<LoggedEntry | null> {
      const under = await checkpoint(accountId);
      if (!under || index >= under.size) return null;
      const { text, hashes } = await unprovenEntry(accountId, index, under.size);
      const leafHash = hashLeaf(Buffer.from(text ?? ''));
      if (
        text === null ||
        hashes === null ||
        !verifyInclusion({ index, size: under.size, leafHash, hashes, root: under.root })
      ) {
        throw new DamagedLog(`Entry ${index} of the log of ${accountId} is not under its checkpoint`);
      }
      return { index, text, hashes, checkpoint: under };
    },

    /** As `rootFrom`; null where the log lacks entries. */
    rootFrom(accountId: string, range: Readonly<{ from: number; size: number }>): Promise<Uint8Array | null> {
      return rootFrom(deps, accountId, range).catch(nullIfDamaged);
    },

    /** The hashes of a consistency proof between two sizes (RFC 6962 section 2.1.2). */
    consistency(accountId: string, oldSize: number, size: number): Promise<Uint8Array[]> {
      return rootsOf(deps, accountId, consistencyRanges(oldSize, size));
    },

    /** The hashes of the multiproof of these entries: ascending indexes below `size`. */
    multiproof(accountId: string, indexes: readonly number[], size: number): Promise<Uint8Array[]> {
      const ranges: Subtree[] = multiproofRanges(indexes, size);
      return rootsOf(deps, accountId, ranges);
    },

    /** Hashes `[0, width)` of a tile that a checkpoint covers. */
    tile(accountId: string, name: TileName, width: number): Promise<Buffer> {
      return tileHashes(deps, accountId, name, width);
    },

    /** Entries `[0, width)` of a segment that a checkpoint covers. */
    async entries(accountId: string, index: number, width: number): Promise<readonly Buffer[]> {
      const found = (await segments.read(accountId, [index])).get(index)?.entries ?? [];
      if (found.length < width)
        throw new DamagedLog(`Segment ${index} of the log of ${accountId} lacks entries`);
      return found.slice(0, width);
    },
  };
}

function nullIfDamaged(error: unknown): null {
  if (error instanceof DamagedLog) return null;
  throw error;
}

/** The checkpoint, if a key of the log has signed what is stored. */
export function trust(
  identity: LogIdentity,
  accountId: string,
  stored: SignedCheckpoint,
): TrustedCheckpoint | null {
  const stated = openCheckpoint(identity, accountId, stored.note);
  if (stated?.size !== stored.size) return null;
  if (Buffer.from(stated.root).toString('hex') !== stored.rootHex) return null;
  return { ...stored, root: stated.root, text: servedText(stored) };
}

/** A checkpoint, and the key of its log that has signed it. */
export type OpenedCheckpoint = Checkpoint & Readonly<{ key: VerifierKey }>;

/** What a signed note states of the log; null where it is no checkpoint of it, or no key of the log has signed it. */
export function openCheckpoint(
  identity: LogIdentity,
  accountId: string,
  signedNote: string,
): OpenedCheckpoint | null {
  const note = parseNote(signedNote);
  const stated = note && parseCheckpoint(note.text);
  if (!note || stated?.origin !== logOrigin(identity, accountId)) return null;
  const key = logKeys(identity, accountId).find((each) => isSignedBy(note, each));
  return key ? { ...stated, key } : null;
}

/** The note with its cosignatures. */
function servedText({ note, cosignatures }: SignedCheckpoint): string {
  return note + cosignatures.map(({ line }) => `${line}\n`).join('');
}
