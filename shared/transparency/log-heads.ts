// The head of each account log: how far its entries were marked back, its last signed checkpoint, and whether it failed.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { storedText } from '../mongo/stored-text.ts';
import { isTime } from '../time/is-time.ts';
import { LOG_HEADS, type StoredCosignature, type StoredLogHead } from './log-rows.ts';
import { parseNote } from './note.ts';

/** A cosignature by a witness, which was verified when it came: as stored it is anybody's. */
export type Cosignature = Readonly<{
  /** The witness's name. */
  name: string;
  /** The line of the note, without its LF. */
  line: string;
  at: Date;
}>;

/** A signed checkpoint as stored: nothing of it is trusted before its signature is verified. */
export type SignedCheckpoint = Readonly<{
  /** Entries. */
  size: number;
  rootHex: string;
  /** The signed note (C2SP signed-note), without cosignatures. */
  note: string;
  signedAt: Date;
  cosignatures: readonly Cosignature[];
}>;

/** The head of an account log. */
export type AccountLogHead = Readonly<{
  /** Entries below this index have their subjects' rows marked. */
  marked: number;
  checkpoint: SignedCheckpoint | null;
  /** Why nothing is signed any more; null where nothing is wrong. */
  failed: FailedMark | null;
  /** By witnesses. */
  contradictions: readonly Contradiction[];
}>;

/** A witness that says that it holds another log. */
export type Contradiction = Readonly<{
  /** The witness's name. */
  name: string;
  problem: string;
  /** When it first said so. */
  foundAt: Date;
}>;

export type FailedMark = Readonly<{
  reason: string;
  foundAt: Date;
  /** The signed note of a checkpoint that the log contradicted, as stored: anybody's. Null where there was none. */
  note: string | null;
}>;

/** The heads of the account logs. */
export type LogHeads = ReturnType<typeof createLogHeads>;

const NO_LIST = { $not: { $type: 'array' } };
/** Heads with a mark as `markFailed` writes it. */
const FAILED = {
  failed: NO_LIST,
  'failed.reason': { $gt: '', ...NO_LIST },
  'failed.found_at': { $type: 'date', ...NO_LIST },
};

const EMPTY: AccountLogHead = { marked: 0, checkpoint: null, failed: null, contradictions: [] };

/** All methods reject with the driver's error when the database is away. */
export function createLogHeads(db: Db) {
  const heads: Collection<StoredLogHead> = evidenceCollection(db, LOG_HEADS);

  async function ensure(accountId: string): Promise<void> {
    await insertRow(heads, { _id: accountId, marked: 0 });
  }

  /** Puts an element into a list, in the place of all of its name. Whatever else stands in the place of the list goes. */
  async function keepNamed(of: object, list: string, name: string, element: object): Promise<void> {
    await heads.updateOne({ ...of, [list]: NO_LIST } as object, { $set: { [list]: [] } });
    await heads.updateOne(of, { $pull: { [list]: { name } } } as object);
    await heads.updateOne({ ...of, [`${list}.name`]: { $ne: name } }, {
      $push: { [list]: element },
    } as object);
  }

  return {
    /** The head; that of an empty log where there is none. */
    async find(accountId: string): Promise<AccountLogHead> {
      const row = await heads.findOne({ _id: accountId });
      return row ? toHead(row) : EMPTY;
    },

    /** Notes that the subjects of all entries below `marked` are marked. Never goes back. */
    async raiseMarked(accountId: string, marked: number): Promise<void> {
      await ensure(accountId);
      // In place of `$max`, which would keep a value of another type for good.
      const isReached = { $gte: marked, $lte: Number.MAX_SAFE_INTEGER, $not: { $type: 'array' } };
      const isLower = [{ $nor: [{ marked: isReached }] }, { marked: Number.NaN }] as object[];
      await heads.updateOne({ _id: accountId, $or: isLower }, { $set: { marked } });
    },

    /** Stores a checkpoint that follows the one of size `before`, null for none. False if another was stored by then. */
    async storeCheckpoint(
      accountId: string,
      before: number | null,
      { size, rootHex, note, signedAt }: Omit<SignedCheckpoint, 'cosignatures'>,
    ): Promise<boolean> {
      await ensure(accountId);
      const checkpoint = { size, root_hex: rootHex, note, signed_at: signedAt, cosignatures: [] };
      const { matchedCount } = await heads.updateOne(
        { _id: accountId, 'checkpoint.size': before as number },
        { $set: { checkpoint } },
      );
      return matchedCount === 1;
    },

    /**
     * Keeps a cosignature with the checkpoint of this size, unless another is stored by then. Requires that none of the
     * witness holds: whatever else stands under its name, or in the place of the list, goes.
     */
    async keepCosignature(accountId: string, size: number, cosignature: Cosignature): Promise<void> {
      await keepNamed(
        { _id: accountId, 'checkpoint.size': size },
        'checkpoint.cosignatures',
        cosignature.name,
        cosignature,
      );
    },

    /** Takes a line from the checkpoint of this size that no witness wrote. */
    async dropCosignature(
      accountId: string,
      size: number,
      { name, line }: Pick<Cosignature, 'name' | 'line'>,
    ): Promise<void> {
      await heads.updateOne(
        { _id: accountId, 'checkpoint.size': size },
        { $pull: { 'checkpoint.cosignatures': { name, line } } },
      );
    },

    /** Notes that a witness contradicts the log, in place of what it said before. What others said stays: all are asked at once. */
    async noteContradiction(accountId: string, { name, problem, foundAt }: Contradiction): Promise<void> {
      await keepNamed({ _id: accountId }, 'contradictions', name, { name, problem, found_at: foundAt });
    },

    /** Forgets what a witness said against the log. */
    async clearContradiction(accountId: string, name: string): Promise<void> {
      await heads.updateOne({ _id: accountId }, { $pull: { contradictions: { name } } });
    },

    /**
     * How often one of these witnesses contradicts a log, of all accounts. One that is asked no more leaves what it said.
     */
    async countContradictions(names: ReadonlySet<string>): Promise<number> {
      const rows = heads.find({ contradictions: { $exists: true } }, { projection: { contradictions: 1 } });
      const found = (await rows.toArray()).flatMap((row) => toContradictions(row.contradictions));
      return found.filter(({ name }) => names.has(name)).length;
    },

    /**
     * Marks a log of which nothing may be signed, with the signed note of the checkpoint that it contradicts. Keeps the
     * first reason and time, and the last note.
     */
    async markFailed(accountId: string, reason: string, note: string | null): Promise<void> {
      await ensure(accountId);
      // Whatever else stands in the place of a mark goes.
      await heads.updateOne({ _id: accountId, $nor: [FAILED] } as object, {
        $set: { failed: { reason, found_at: new Date() } },
      });
      if (note === null) return;
      await heads.updateOne({ _id: accountId, ...FAILED } as object, {
        $set: { 'failed.checkpoint': note },
      });
    },

    /** Takes the mark away, after the log was found to extend every checkpoint again. */
    async clearFailed(accountId: string): Promise<void> {
      await heads.updateOne({ _id: accountId }, { $unset: { failed: '' } });
    },

    /** Notes that rows are due from now on which are older: nobody has let them wait. */
    async noteDue(accountId: string): Promise<void> {
      await ensure(accountId);
      await heads.updateOne({ _id: accountId }, { $set: { due_at: new Date() } });
    },

    /** Notes how many rows are due that somebody wrote or changed. */
    async noteRefused(accountId: string, rows: number): Promise<void> {
      if (rows > 0) {
        await ensure(accountId);
        await heads.updateOne({ _id: accountId, refused: { $ne: rows } }, { $set: { refused: rows } });
      } else {
        await heads.updateOne({ _id: accountId, refused: { $exists: true } } as object, {
          $unset: { refused: '' },
        });
      }
    },

    /** How many such rows there are, of all accounts. */
    async countRefused(): Promise<number> {
      const rows = await heads.find({ refused: { $gt: 0 } }, { projection: { refused: 1 } }).toArray();
      return rows.reduce((sum, { refused = 0 }) => sum + refused, 0);
    },

    /** How many logs are marked, of all accounts. */
    countFailed(): Promise<number> {
      return heads.countDocuments(FAILED as object);
    },
  };
}

/** Whoever writes to the database may leave any types here. */
export function toHead({ marked, checkpoint, failed, contradictions }: StoredLogHead): AccountLogHead {
  return {
    marked: Number.isSafeInteger(marked) && marked >= 0 ? marked : 0,
    checkpoint: toCheckpoint(checkpoint),
    failed: failed
      ? { reason: storedText(failed.reason), foundAt: failed.found_at, note: noteOf(failed.checkpoint) }
      : null,
    contradictions: toContradictions(contradictions),
  };
}

function toContradictions(stored: StoredLogHead['contradictions']): Contradiction[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((each: Partial<NonNullable<typeof stored>[number]> | null) => {
    const { name, problem, found_at: foundAt } = each ?? {};
    const isWell = typeof name === 'string' && typeof problem === 'string' && isTime(foundAt);
    return isWell ? [{ name, problem, foundAt }] : [];
  });
}

function noteOf(stored: unknown): string | null {
  return typeof stored === 'string' ? stored : null;
}

/** The checkpoint as stored: nothing of it is trusted. Null where there is none. */
export function toCheckpoint(stored: StoredLogHead['checkpoint']): SignedCheckpoint | null {
  if (!stored) return null;
  const { size, root_hex: rootHex, note, signed_at: signedAt, cosignatures } = stored;
  return {
    size: Number.isSafeInteger(size) && size >= 0 ? size : 0,
    rootHex: storedText(rootHex),
    note: storedText(note),
    signedAt: isTime(signedAt) ? signedAt : new Date(0),
    cosignatures: Array.isArray(cosignatures)
      ? cosignatures.filter((each) => isCosignature(each, storedText(note).split('\n', 1)[0]))
      : [],
  };
}

/**
 * A line of another form would make the whole note one that nobody can read. One under the log's own name could be a false
 * signature of its key, beside which nobody takes the true one.
 */
function isCosignature(stored: unknown, origin: string | undefined): stored is Cosignature {
  const { name, line, at } = (stored ?? {}) as StoredCosignature;
  if (typeof name !== 'string' || typeof line !== 'string' || !isTime(at)) return false;
  const note = parseNote(`-\n\n${line}\n`);
  const [signature, ...others] = note?.signatures ?? [];
  return note?.text === '-\n' && signature?.name === name && name !== origin && others.length === 0;
}
