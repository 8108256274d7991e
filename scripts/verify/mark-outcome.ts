import { isUnauthorized } from '../../shared/mongo/unauthorized.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';

/**
 * Marks what is found, as the service does. A login that may only read verifies all the same: it is told once, on stderr,
 * that nothing is marked.
 */
export function markWhereAllowed(recordOutcome: RecordOutcome): RecordOutcome {
  let isTold = false;
  return async (found, verdict) => {
    try {
      await recordOutcome(found, verdict);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      if (!isTold)
        console.error('The login in MONGODB_URI may only read: nothing is marked in the database.');
      isTold = true;
    }
  };
}
