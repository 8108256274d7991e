import type { Db } from 'mongodb';
import { createRecordOutcome, type OutcomeDeps } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { DeriveDeps } from './job.ts';

/** The dependencies of deriving data from sessions' logs, for the pipeline and for operators' commands. */
export function createDeriveDeps(
  db: Db,
  pool: DeriveDeps['pool'],
  reaction: Omit<OutcomeDeps, 'sessions'>,
): DeriveDeps {
  const sessions = createSessionRepository(db);
  return { sessions, pool, recordOutcome: createRecordOutcome({ sessions, ...reaction }) };
}
