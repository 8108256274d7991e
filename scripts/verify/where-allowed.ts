import { isUnauthorized } from '../../shared/mongo/unauthorized.ts';
import { createRecordOutcome, type RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { Mend } from '../../workers/account-log/mend.ts';
import type { Connected } from '../command/connect.ts';
import { commandReaction } from '../command/outcome.ts';

/** What a check writes of what it finds. */
export type AllowedWrites = Readonly<{ recordOutcome: RecordOutcome; mend: Mend }>;

/**
 * Marks and mends what is found, as the service does. A login that may only read verifies all the same: it is told once, on
 * stderr, that nothing is written.
 */
export function writeWhereAllowed({ db, config }: Pick<Connected, 'db' | 'config'>): AllowedWrites {
  const record = createRecordOutcome({ sessions: createSessionRepository(db), ...commandReaction(config) });
  let isTold = false;
  const mend: Mend = async (write) => {
    try {
      await write();
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      if (!isTold) console.error(ONLY_READS);
      isTold = true;
    }
  };
  return { recordOutcome: (found, verdict) => mend(() => record(found, verdict)), mend };
}

const ONLY_READS =
  'The login in MONGODB_URI may only read: nothing is marked or mended in the database, whatever is said of it here.';
