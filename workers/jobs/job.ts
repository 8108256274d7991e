// What a job's handler gets, and how a definition and its handler are joined.
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import type { sealClosedLog } from '../../shared/log-writer/close-log.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { Counters } from '../../shared/queues/counters.ts';
import type { JobDefinition } from '../../shared/queues/job-definition.ts';
import type { Queues } from '../../shared/queues/queues.ts';
import type { FleetPayloads } from '../../shared/sessions/fleet-payloads.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { KeyUseRepository } from '../../shared/sessions/key-uses.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { VerifyRounds } from '../../shared/sessions/verify-rounds.ts';
import type { Announcer } from '../../shared/webhooks/announce.ts';
import type { AccountLogs } from '../account-log/open-keeper.ts';
import type { ReportPool } from '../reports/pool.ts';
import type { WebhookSender } from '../webhooks/sender.ts';
import type { ReportMaker } from './report-maker.ts';

/** The dependencies of everything that brings a session's derived data up to its log: jobs and operators' commands. */
export type DeriveDeps = Readonly<{
  sessions: SessionRepository;
  pool: Pick<ReportPool, 'verifySession' | 'countTail'>;
  recordOutcome: RecordOutcome;
}>;

export type JobDeps = DeriveDeps &
  SumSources &
  Readonly<{
    fleet: FleetSessions;
    payloads: Pick<FleetPayloads, 'settle'>;
    keyUses: Pick<KeyUseRepository, 'keepCounted'>;
    queues: Pick<Queues, 'add' | 'addAll' | 'forgetOrphans' | 'countRunnable'>;
    counters: Counters;
    /** What the jobs on reports that are made in the background need. */
    reports: ReportMaker;
    /** Seals a log whose close was interrupted, and only such a one. */
    sealClosed(ref: LogRef): ReturnType<typeof sealClosedLog>;
    /** The audit keys that are configured. */
    keys: readonly Pick<AuditKey, 'id' | 'check'>[];
    /** How far the scheduled verification has come, and the milliseconds in which it comes to every ended log; null: off. */
    verifyRounds: VerifyRounds;
    verifyEveryMs: number | null;
    /** Tells webhooks of events. */
    announcer: Pick<Announcer, 'announce'>;
    /** What the jobs that send webhooks their messages need. */
    webhooks: WebhookSender;
    /** The account logs; null where no signing key is configured. */
    accountLogs: AccountLogs | null;
    log: Logger;
  }>;

/** Must be safe to run twice and at two workers at once. Its result is logged: a word or counts, never data. */
export type JobHandler<P> = (payload: P, deps: JobDeps, signal: AbortSignal) => Promise<string>;

export type Job<P> = Readonly<{
  definition: JobDefinition<P>;
  handle: JobHandler<P>;
  /** Jobs of this kind that one process runs at once. */
  concurrency: number;
  /** Jobs of this kind that all processes together begin in a second, at most. */
  perSecond?: number;
  /** Whether the job may be left half done: its signal then aborts as soon as the worker stops, not when time is up. */
  isInterruptible?: true;
  /** Whether each result is logged at `info`, for a job that is rare; others are logged at `debug`. */
  isRare?: true;
}>;
