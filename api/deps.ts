// Makes the dependencies of the routes from the resources that the process has acquired.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Db } from 'mongodb';
import { createAccessRecorder } from '../shared/access-record/access-recorder.ts';
import { createAccessRepository } from '../shared/access-record/access-repository.ts';
import type { HeadKeeper } from '../shared/access-record/keep-heads.ts';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../shared/accounts/agent-repository.ts';
import { createLoginRepository } from '../shared/accounts/login-repository.ts';
import { createSignInLinks } from '../shared/accounts/sign-in-links.ts';
import { createTokenRepository } from '../shared/accounts/token-repository.ts';
import { createUserRepository } from '../shared/accounts/user-repository.ts';
import { createHourRepository } from '../shared/aggregates/hour-repository.ts';
import { createKeyring, EVERY_LOG } from '../shared/audit/audit-keys.ts';
import { computeKeyCheck } from '../shared/audit/chain.ts';
import { createSegmentReader } from '../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../shared/log-store/segment-repository.ts';
import { keepPlaces } from '../shared/log-writer/event-places.ts';
import { LISTED_WITHIN } from '../shared/mongo/read-limit.ts';
import { createPolicyRepository } from '../shared/policy/policy-repository.ts';
import type { KeyedConfig } from '../shared/process/local-keys.ts';
import type { Logger } from '../shared/process/log.ts';
import type { IndexBuild } from '../shared/process/prepare-indexes.ts';
import { publicUrl } from '../shared/process/public-url.ts';
import { unlessAborted } from '../shared/process/unless-aborted.ts';
import { createOldestDue } from '../shared/reports/oldest-due.ts';
import { createReportFiles } from '../shared/reports/report-files.ts';
import { createReportJobs } from '../shared/reports/report-jobs.ts';
import { createReportLedger } from '../shared/reports/report-ledger.ts';
import { createReportSigner } from '../shared/reports/report-signer.ts';
import { createAccountFindings } from '../shared/sessions/account-findings.ts';
import { createKeyNeeds } from '../shared/sessions/key-needs.ts';
import { createKeyUseRepository } from '../shared/sessions/key-uses.ts';
import { createPolicyUses } from '../shared/sessions/policy-uses.ts';
import { createRecordOutcome } from '../shared/sessions/record-outcome.ts';
import { createSessionGauges } from '../shared/sessions/session-gauges.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { createSessionSumRepository } from '../shared/sessions/session-sums.ts';
import { openAccountLog } from '../shared/transparency/account-log.ts';
import { openCheckpointMemory } from '../shared/transparency/checkpoint-memory.ts';
import { createLogHeads } from '../shared/transparency/log-heads.ts';
import { openSigning } from '../shared/transparency/open-signing.ts';
import { createAnnouncer } from '../shared/webhooks/announce.ts';
import { createDeliveryRepository } from '../shared/webhooks/delivery-repository.ts';
import { createMessageGauges } from '../shared/webhooks/message-gauges.ts';
import { resolverFor } from '../shared/webhooks/public-address.ts';
import { createStrayTeller } from '../shared/webhooks/tell-stray.ts';
import { createWebhookRepository } from '../shared/webhooks/webhook-repository.ts';
import type { PdfRenderer } from '../workers/pdf/pdf.ts';
import type { ReportPool } from '../workers/reports/pool.ts';
import { followClosed, followLedger, followMessages } from './follow-writes.ts';
import { createAccountTurns } from './http/account-turns.ts';
import type { ApiDeps } from './http/context.ts';
import { createCursorCodec } from './http/cursor.ts';
import { createListTurns } from './http/list-turns.ts';
import { createMetrics } from './http/metrics.ts';
import type { PipelineView } from './http/pipeline-view.ts';
import { createRateLimiter } from './http/rate-limiter.ts';
import { createReopenedCheck } from './http/reopened-check.ts';
import { createSignInFlowCodec } from './http/sign-in-flow-codec.ts';
import { createOidcClient, OIDC_CALLBACK } from './oidc/oidc-client.ts';
import { gatherSamples } from './routes/metrics/gather-samples.ts';
import { registerLogGauges } from './routes/metrics/log-gauges.ts';
import { registerSamples } from './routes/metrics/register-samples.ts';

/**
 * The resources that need closing, besides the database: threads, Chromium, and the pipeline where Redis is configured.
 */
export type Acquired = Readonly<{
  pool: ReportPool;
  pdf: PdfRenderer;
  pipeline: PipelineView | null;
  /** Keeps the ends of access records, where there is a folder for them. */
  heads?: HeadKeeper;
  /** Aborts at the signal to stop; never where it is left out. */
  stopping?: AbortSignal;
  /** Those that are built while the process serves; none by default. */
  indexes?: Pick<IndexBuild, 'state'>;
}>;

/** Requests that write at once: enough for a database that takes its time. */
const WRITES_AT_ONCE = 8;
/** While lists are read, which wait for each. */
const WRITES_BESIDE_LISTS = 2;
/** Each may hold a body of 4 MiB. */
const WRITES_WAITING = 256;

/** Lists of an account that are read at once: five accounts fill the connections to the database. */
const LISTS_AT_ONCE = 4;
/** Of an account: more than browsers and programs have open. */
const LISTS_WAITING = 256;

/** Test messages and messages sent again of an account: twenty at once, then one in ten seconds. */
const MESSAGES_BY_HAND = { perSecond: 0.1, burst: 20 };

export function createDeps(
  config: KeyedConfig,
  db: Db,
  { heads, stopping, ...acquired }: Acquired,
  log: Logger,
): ApiDeps {
  const sessions = createSessionRepository(db);
  const metrics = createMetrics();
  const accessRows = createAccessRepository(db);
  const keyring = createKeyring(config.auditKeys);
  const signing = config.signing && openSigning(config.signing);
  const memory = signing && openCheckpointMemory(db, signing.identity, config.dataDir);
  const signStatement = createReportSigner(signing, createLogHeads(db), memory);
  const sendMessages = followMessages(acquired.pipeline, log);
  const tellStray = createStrayTeller(log);
  const announcer = createAnnouncer(db, sendMessages);
  const recordOutcome = createRecordOutcome({
    sessions,
    log,
    countFailed: metrics.countFailedLog,
    announcer,
  });
  const accountLog = signing && memory && openAccountLog(db, signing.identity, memory);
  const listTurns = createListTurns(LISTS_AT_ONCE, LISTS_WAITING);
  const deps: ApiDeps = {
    accounts: createAccountRepository(db),
    agents: createAgentRepository(db),
    users: createUserRepository(db),
    logins: createLoginRepository(db),
    signInLinks: createSignInLinks(db),
    tokens: createTokenRepository(db),
    sessions,
    sessionSums: createSessionSumRepository(db, LISTED_WITHIN),
    hours: createHourRepository(db, LISTED_WITHIN),
    policies: createPolicyRepository(db),
    ledger: followLedger(createReportLedger(db), acquired.pipeline, log),
    reportJobs: createReportJobs(db, signing),
    reportFiles: createReportFiles(db),
    accessRows,
    webhooks: createWebhookRepository(db, tellStray),
    deliveries: createDeliveryRepository(db, tellStray),
    announcer,
    sendMessages,
    webhookUrls: {
      allowPrivate: config.webhookAllowPrivate,
      resolve: resolverFor(config.webhookAllowPrivate),
    },
    keyUses: createKeyUseRepository(db),
    gauges: createSessionGauges(db),
    oldestDue: createOldestDue(db),
    messageGauges: createMessageGauges(db),
    findings: createAccountFindings(db),
    policyUses: createPolicyUses(db),
    recordOutcome,
    ...createReopenedCheck({ accountLog, sessions, pool: acquired.pool, recordOutcome }),
    writer: {
      audit: createSegmentRepository(db),
      reader: createSegmentReader(db),
      sessions,
      keyring,
      places: keepPlaces(),
    },
    writeTurns: createAccountTurns(
      () => (listTurns.isBusy() ? WRITES_BESIDE_LISTS : WRITES_AT_ONCE),
      WRITES_WAITING,
    ),
    listTurns,
    followClosed: followClosed(acquired.pipeline, log),
    recordAccess: createAccessRecorder({ rows: accessRows, keyring }, heads?.follow),
    signStatement,
    checkpointMemory: memory,
    accountLog,
    witnesses: config.witnesses.map(({ key }) => key),
    ...acquired,
    indexes: acquired.indexes ?? { state: () => 'ok' },
    metrics,
    // Whoever tries out a receiver sends a few in a row; the messages of a script would go to an address of its choice.
    messageLimiter: createRateLimiter(MESSAGES_BY_HAND, {
      redis: acquired.pipeline?.redis ?? null,
      mongodbDb: db.databaseName,
      name: 'messages',
    }),
    rateLimiter:
      config.rateLimit &&
      createRateLimiter(config.rateLimit, {
        redis: acquired.pipeline?.redis ?? null,
        mongodbDb: db.databaseName,
      }),
    cursors: createCursorCodec(config.cursorKey),
    oidc: config.oidc && createOidcClient(config.oidc, `${publicUrl(config)}${OIDC_CALLBACK}`),
    signInFlows: createSignInFlowCodec(config.cursorKey),
    log,
    async pingDatabase(deadlineMs) {
      await unlessAborted(AbortSignal.timeout(deadlineMs), db.command({ ping: 1 }));
    },
    isStopping: () => stopping?.aborted ?? false,
    hasMetricsPort: config.metricsPort !== null,
    hasAuditKeys: config.auditKeys.length > 0,
    auditKeys: config.auditKeys.map(({ id, bytes, scope = EVERY_LOG }) => ({
      id,
      check: computeKeyCheck(bytes),
      scope,
    })),
    keyNeeds: createKeyNeeds(db, config.auditKeys),
    reportTimeoutMs: config.reportTimeoutMs,
    reportSessionsLimit: config.reportSessionsLimit,
    reportJobsLimit: Math.max(1, Math.floor(config.reportQueueLimit / 2)),
    baaChainText: config.baaChainText,
    publicUrl: config.publicUrl ?? null,
    production: config.production,
    openApi: readOpenApi(),
  };
  registerSamples(deps.metrics.registry, () => gatherSamples(deps));
  registerLogGauges(deps.metrics.registry, deps.gauges);
  return deps;
}

function readOpenApi(): ApiDeps['openApi'] {
  const bytes = readFileSync(new URL('openapi.json', import.meta.url));
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` };
}
