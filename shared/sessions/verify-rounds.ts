// How far the scheduled verification has come: one row for all accounts. It is no evidence: who changes it has logs verified
// earlier or later, and whatever is lost of it is done again.
import type { Db } from 'mongodb';
import { isTime } from '../time/is-time.ts';
import { isCount } from './stored-counts.ts';

/** A round over all ended logs, in ascending order of sessions' ids. */
export type VerifyRound = Readonly<{
  begunAt: Date;
  /** The last session that was visited; null before the first. */
  afterId: string | null;
  /** Sessions that were visited. */
  visited: number;
  /** It came to the last session. It goes on with those that come later. */
  isDone: boolean;
}>;

type StoredRound = { _id: 'round'; begun_at: Date; after_id: string | null; visited: number; done: boolean };

/** The marked log that was looked at last. */
type StoredMarked = { _id: 'marked'; after_id: string };

/** Name of the collection. */
const VERIFY_ROUNDS = 'verify_rounds';

/** The rounds of the scheduled verification. */
export type VerifyRounds = ReturnType<typeof createVerifyRounds>;

/** All methods reject with the driver's error when the database is away. */
export function createVerifyRounds(db: Db) {
  const rounds = db.collection<StoredRound>(VERIFY_ROUNDS);
  const marked = db.collection<StoredMarked>(VERIFY_ROUNDS);
  return {
    /** The round under way; null before the first, and where its row makes no sense. */
    async find(): Promise<VerifyRound | null> {
      const row = await rounds.findOne({ _id: 'round' });
      const { begun_at: begunAt, after_id: afterId, visited } = row ?? {};
      const isReadable =
        isTime(begunAt) && (afterId === null || typeof afterId === 'string') && isCount(visited);
      return isReadable ? { begunAt, afterId, visited, isDone: row?.done === true } : null;
    },

    /** Keeps how far a round has come. */
    async keep({ begunAt, afterId, visited, isDone }: VerifyRound): Promise<void> {
      const row = { begun_at: begunAt, after_id: afterId, visited, done: isDone };
      await rounds.replaceOne({ _id: 'round' }, row, { upsert: true });
    },

    /** The session behind which marked logs are due; null for the first. */
    async findMarked(): Promise<string | null> {
      const { after_id: afterId } = (await marked.findOne({ _id: 'marked' })) ?? {};
      return typeof afterId === 'string' ? afterId : null;
    },

    /** Keeps which marked log is looked at. */
    async keepMarked(sessionId: string): Promise<void> {
      await marked.replaceOne({ _id: 'marked' }, { after_id: sessionId }, { upsert: true });
    },
  };
}
