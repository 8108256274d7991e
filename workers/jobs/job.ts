// What a job's handler is given, and how a definition and its handler are joined.

import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { Counters } from '../../shared/queues/counters.ts';
import type { JobDefinition } from '../../shared/queues/job-definition.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { DerivedDeps } from '../derived/deps.ts';

export type JobDeps = DerivedDeps &
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
  /** Of this kind at once in one process. */
  concurrency: number;
  /** Begun in a second at most, over all processes. */
  perSecond?: number;
  /** May be left half done when the worker stops: its signal aborts at once then, not only when time is up. */
  isInterruptible?: true;
  /** Rare enough that each result is worth a line in the log; the others' are for `LOG_LEVEL=debug`. */
  isRare?: true;
}>;
