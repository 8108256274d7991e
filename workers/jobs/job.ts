// What a job's handler is given, and how a definition and its handler are joined.
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { Counters } from '../../shared/queues/counters.ts';
import type { JobDefinition } from '../../shared/queues/job-definition.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { ReportPool } from '../reports/pool.ts';

/** What it takes to bring what is derived from a session up to its log, for jobs and for operators' commands. */
export type DeriveDeps = Readonly<{
  sessions: SessionRepository;
  pool: Pick<ReportPool, 'verifySession' | 'countTail'>;
  recordOutcome: RecordOutcome;
}>;

export type JobDeps = DeriveDeps &
  SumSources &
  Readonly<{
    fleet: FleetSessions;
    queues: Pick<Queues, 'add' | 'addAll' | 'counts'>;
    counters: Counters;
    /** The audit keys that are configured. */
    keys: readonly Pick<AuditKey, 'id' | 'check'>[];
    log: Logger;
  }>;

/** Safe to run twice, and beside itself. What it returns is logged: a word or counts, never data. */
export type JobHandler<P> = (payload: P, deps: JobDeps, signal: AbortSignal) => Promise<string>;

export type Job<P> = Readonly<{
  definition: JobDefinition<P>;
  handle: JobHandler<P>;
  /** Jobs of this kind that one process runs at once. */
  concurrency: number;
  /** Jobs of this kind that all processes together begin in a second, at most. */
  perSecond?: number;
  /** May be left half done when the worker stops: its signal aborts at once then, not only when time is up. */
  isInterruptible?: true;
  /** Rare enough that each result is worth a line in the log; other results are logged at `debug`. */
  isRare?: true;
}>;
