// The pipeline of one process: threads, queues, workers and schedules. Each is released after what depends on it.
import type { Redis } from 'ioredis';
import type { Db } from 'mongodb';
import { createHourRepository } from '../../shared/aggregates/hour-repository.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { computeKeyCheck } from '../../shared/audit/chain.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { sealClosedLog } from '../../shared/log-writer/close-log.ts';
import type { Config } from '../../shared/process/config.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { ReleaseStack } from '../../shared/process/release.ts';
import { tellTrouble } from '../../shared/process/trouble.ts';
import { type Counters, createCounters } from '../../shared/queues/counters.ts';
import { DELIVER_WEBHOOK } from '../../shared/queues/jobs.ts';
import { createQueues } from '../../shared/queues/queues.ts';
import { openRedis } from '../../shared/queues/redis.ts';
import { createReportSigner } from '../../shared/reports/report-signer.ts';
import { createFleetPayloads } from '../../shared/sessions/fleet-payloads.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createKeyUseRepository } from '../../shared/sessions/key-uses.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { createSessionSumRepository } from '../../shared/sessions/session-sums.ts';
import { createVerifyRounds } from '../../shared/sessions/verify-rounds.ts';
import { openCheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { createAnnouncer } from '../../shared/webhooks/announce.ts';
import { type AccountLogs, openAccountLogs } from '../account-log/open-keeper.ts';
import { createReportPool } from '../reports/pool.ts';
import type { WorkerMetrics } from '../watch/worker-metrics.ts';
import { createWebhookSender } from '../webhooks/sender.ts';
import { createDeriveDeps } from './derive-deps.ts';
import type { JobDeps } from './job.ts';
import { type JobWorkerOptions, startJobWorkers } from './job-workers.ts';
import { keepClaim } from './keep-claim.ts';
import { createLazyPrinter } from './lazy-printer.ts';
import { createReportMaker, type ReportSettings, type SignLog } from './report-maker.ts';
import { type SchedulesOptions, startSchedules } from './schedules.ts';

export type PipelineContext = Readonly<{
  config: Pick<
    Config,
    | 'mongodbDb'
    | 'auditKeys'
    | 'reportThreads'
    | 'dataDir'
    | 'signing'
    | 'witnesses'
    | 'webhookAllowPrivate'
    | 'verifyEveryMs'
  > &
    ReportSettings;
  mongodbUri: string;
  redisUrl: string;
  db: Db;
  log: Logger;
  acquired: ReleaseStack;
  /** The PATH on which Chromium is looked for, beside the places where systems put it. */
  path?: string;
  /** Measures jobs, reports and prints; by default nothing does. */
  metrics?: Pick<WorkerMetrics, 'beginJob' | 'timeReport' | 'watchPrints'>;
  /** Settings that tests change, to wait less for the jobs of a killed worker. */
  worker?: Pick<JobWorkerOptions, 'lockMs' | 'jobs'>;
  schedules?: Omit<SchedulesOptions, 'log' | 'claim'>;
}>;

const POOL_LIMIT = 1_000;

/**
 * Resolves once the schedules are stored, for which Redis must answer. Throws where another deployment has the queues; where
 * one takes them later, `isWorking` is false until they are this one's again.
 */
export async function startPipeline(context: PipelineContext): Promise<{ isWorking(): boolean }> {
  const { config, mongodbUri, redisUrl, db, log, acquired, metrics, worker = {} } = context;
  const { mongodbDb, auditKeys } = config;
  const pool = await createReportPool({
    mongodbUri,
    // No caller is turned away here: the concurrency of the jobs bounds the queue.
    config: { ...config, reportQueueLimit: POOL_LIMIT },
  });
  acquired.defer(() => pool.close());

  const printer = createLazyPrinter({
    chromePath: config.chromePath,
    path: context.path ?? '',
    tasks: pool,
    pages: config.reportThreads,
    queueLimit: POOL_LIMIT,
    warn: (line) => log.warn(line),
  });
  acquired.defer(() => printer.close());
  metrics?.watchPrints(printer.brokenPrints);

  const redis = openRedis(redisUrl, 'worker');
  const stopSaying = sayWhenAway(redis, log);
  acquired.defer(() => {
    stopSaying();
    redis.disconnect();
  });
  // Before any job is taken: it might be another deployment's.
  const claim = await keepClaim({ redis, mongodbDb, db, log, guardMs: context.schedules?.guardMs });
  acquired.defer(() => claim.stop());
  const queues = createQueues(redis, mongodbDb);
  acquired.defer(() => queues.close());
  const counters = createCounters(redis, mongodbDb);
  const countFailed = () => counters.add('logs_found_failed');
  const signing = config.signing && openSigning(config.signing);
  const checkpointMemory = signing && openCheckpointMemory(db, signing.identity, config.dataDir);
  const announcer = createAnnouncer(db, (ref) => {
    // The message is stored: where no job can be queued, the sweep finds it.
    queues
      .add(DELIVER_WEBHOOK, ref)
      .catch((error: unknown) => tellTrouble(log, 'redis', error, { queue: DELIVER_WEBHOOK.name }));
  });
  const derive = createDeriveDeps(db, pool, { log, countFailed, announcer });
  const { recordOutcome } = derive;
  const accountLogs =
    signing && openAccountLogs(db, config, { ...signing, pool, recordOutcome, announcer, log });
  acquired.defer(() => accountLogs?.witnessRounds.stop());
  const deps = {
    ...derive,
    reports: createReportMaker(
      db,
      {
        pool,
        recordOutcome,
        signStatement: createReportSigner(signing, createLogHeads(db), checkpointMemory),
        checkpointMemory,
        signing,
        signLog: accountLogs && createLogSigner(accountLogs, counters),
        printer,
      },
      config,
      metrics?.timeReport,
    ),
    fleet: createFleetSessions(db),
    payloads: createFleetPayloads(db),
    keyUses: createKeyUseRepository(db),
    keys: auditKeys.map(({ id, bytes }) => ({ id, check: computeKeyCheck(bytes) })),
    verifyRounds: createVerifyRounds(db),
    verifyEveryMs: config.verifyEveryMs,
    hours: createHourRepository(db),
    sessionSums: createSessionSumRepository(db),
    queues,
    counters,
    sealClosed: createSealer(db, auditKeys),
    announcer,
    webhooks: createWebhookSender(db, { allowPrivate: config.webhookAllowPrivate, log }),
    accountLogs,
    log,
  };
  const workers = startJobWorkers({
    redis,
    mongodbDb,
    deps,
    claim,
    ...(metrics && { beginJob: metrics.beginJob }),
    ...worker,
  });
  acquired.defer((force) => workers.close(force));
  const schedules = await startSchedules(queues, { log, claim, ...context.schedules });
  acquired.defer(() => schedules.stop());
  return { isWorking: claim.isHeld };
}

/** Counts what it appends, as the job that extends account logs does. */
function createLogSigner({ sign }: Pick<AccountLogs, 'sign'>, counters: Counters): SignLog {
  return async (accountId, signal) => {
    const { appended } = await sign(accountId, signal);
    await counters.add('log_entries_appended', appended);
  };
}

function createSealer(db: Db, auditKeys: Config['auditKeys']): JobDeps['sealClosed'] {
  const deps = {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring(auditKeys),
    reader: createSegmentReader(db),
  };
  return ({ accountId, sessionId }) => sealClosedLog(deps, accountId, sessionId);
}

/** Logs each outage of Redis once when it begins and once when it ends. */
function sayWhenAway(redis: Redis, log: Logger): () => void {
  let away = false;
  const sayAway = () => {
    if (!away) log.warn('Redis does not answer: jobs wait until it is back');
    away = true;
  };
  redis.on('close', sayAway);
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
  });
  return () => redis.off('close', sayAway);
}
