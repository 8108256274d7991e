// The state that middleware sets for the handlers, and the dependencies that the process gives to the routes. A
// function takes a `Pick` of them, with what it uses.
import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { RecordAccess } from '../../shared/access-record/access-recorder.ts';
import type { AccessRepository } from '../../shared/access-record/access-repository.ts';
import type { AccessAction } from '../../shared/access-record/access-row.ts';
import type { AccountRepository } from '../../shared/accounts/account-repository.ts';
import type { AgentRepository } from '../../shared/accounts/agent-repository.ts';
import type { LoginRepository } from '../../shared/accounts/login-repository.ts';
import type { Permission } from '../../shared/accounts/permissions.ts';
import type { SignInLinks } from '../../shared/accounts/sign-in-links.ts';
import type { TokenRepository } from '../../shared/accounts/token-repository.ts';
import type { UserRepository } from '../../shared/accounts/user-repository.ts';
import type { HourRepository } from '../../shared/aggregates/hour-repository.ts';
import type { KeyScope } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import type { CloseDeps } from '../../shared/log-writer/close-log.ts';
import type { PolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { Logger } from '../../shared/process/log.ts';
import type { IndexBuild } from '../../shared/process/prepare-indexes.ts';
import type { OldestDue } from '../../shared/reports/oldest-due.ts';
import type { ReportFiles } from '../../shared/reports/report-files.ts';
import type { ReportJobs } from '../../shared/reports/report-jobs.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { AccountFindings } from '../../shared/sessions/account-findings.ts';
import type { KeyNeeds } from '../../shared/sessions/key-needs.ts';
import type { KeyUseRepository } from '../../shared/sessions/key-uses.ts';
import type { PolicyUses } from '../../shared/sessions/policy-uses.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import type { SessionGauges } from '../../shared/sessions/session-gauges.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { SessionSumRepository } from '../../shared/sessions/session-sums.ts';
import type { AccountLog } from '../../shared/transparency/account-log.ts';
import type { CheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import type { SignStatement } from '../../shared/transparency/statement-signer.ts';
import type { VerifierKey } from '../../shared/transparency/verifier-key.ts';
import type { Announcer } from '../../shared/webhooks/announce.ts';
import type { WebhookRef } from '../../shared/webhooks/delivery.ts';
import type { DeliveryRepository } from '../../shared/webhooks/delivery-repository.ts';
import type { MessageGauges } from '../../shared/webhooks/message-gauges.ts';
import type { Resolve } from '../../shared/webhooks/public-address.ts';
import type { WebhookRepository } from '../../shared/webhooks/webhook-repository.ts';
import type { PdfRenderer } from '../../workers/pdf/pdf.ts';
import type { ReportPool } from '../../workers/reports/pool.ts';
import type { OidcClient } from '../oidc/oidc-client.ts';
import type { AccountTurns } from './account-turns.ts';
import type { CursorCodec } from './cursor.ts';
import type { ListTurns } from './list-turns.ts';
import type { Metrics } from './metrics.ts';
import type { PipelineView } from './pipeline-view.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReopenedCheck } from './reopened-check.ts';
import type { SignedTextCodec } from './signed-text.ts';

/** Who is calling, by their login or bearer token. A token is its own user: `userId` is its id, `tok_…`. */
export type Actor = Readonly<{
  accountId: string;
  accountName: string;
  userId: string;
  userName: string;
  permissions: readonly Permission[];
}>;

/** What a request has shown or done, and in whose record it stands. */
export type NotedAccess = Readonly<{
  action: AccessAction;
  subject: string | null;
  who: Pick<Actor, 'accountId' | 'userId'>;
}>;

export type ApiState = {
  requestId: string;
  /** Set by the login check; routes that are public must not read it. */
  actor: Actor;
  /** Pattern of the route that answers, for the log; unset when none does. */
  route?: string;
  /** What the request has shown or done, for the access record. */
  noted?: NotedAccess[];
  /** What the route sends: the error of a page is a page. */
  kind?: 'json' | 'page' | 'text' | 'empty' | 'file';
};

export type ApiMiddleware = Middleware<ApiState>;
export type ApiContext = RouterContext<ApiState>;

export type Repositories = Readonly<{
  accounts: AccountRepository;
  agents: AgentRepository;
  users: UserRepository;
  logins: LoginRepository;
  signInLinks: SignInLinks;
  tokens: TokenRepository;
  sessions: SessionRepository;
  sessionSums: SessionSumRepository;
  hours: HourRepository;
  policies: PolicyRepository;
  ledger: ReportLedger;
  reportJobs: ReportJobs;
  reportFiles: ReportFiles;
  accessRows: AccessRepository;
  webhooks: WebhookRepository;
  /** Messages to webhooks. */
  deliveries: DeliveryRepository;
  /** How many logs each audit key signs, over all accounts: for operators. */
  keyUses: KeyUseRepository;
}>;

export type ApiDeps = Repositories &
  ReopenedCheck &
  Readonly<{
    pool: ReportPool;
    pdf: PdfRenderer;
    indexes: Pick<IndexBuild, 'state'>;
    /** Null where no Redis is configured. A configured one may be away. */
    pipeline: PipelineView | null;
    /** The account logs; null where this process has no key of theirs. */
    accountLog: AccountLog | null;
    /** The keys of the witnesses that are asked to cosign the account logs. */
    witnesses: readonly VerifierKey[];
    /** Numbers over all accounts' sessions, for /health and /metrics. */
    gauges: SessionGauges;
    /** What else has waited longest for the pipeline, over all accounts, for /health. */
    oldestDue: OldestDue;
    /** Numbers over all accounts' messages to webhooks, for /metrics. */
    messageGauges: MessageGauges;
    /** What is found of one account's logs, for its overview. */
    findings: AccountFindings;
    /** Which policies an account's sessions ran under. */
    policyUses: PolicyUses;
    /** Opens sessions, appends to their logs, and closes them. */
    writer: CloseDeps;
    /** Whose turn it is to write. */
    writeTurns: AccountTurns;
    /** Whose turn it is to read a list. */
    listTurns: ListTurns;
    /** Has the pipeline follow a session that was closed, at once. */
    followClosed(ref: LogRef): void;
    /** Tells webhooks of events. */
    announcer: Announcer;
    /** Has a webhook's messages sent, at once. */
    sendMessages(ref: WebhookRef): void;
    /** Where webhooks may lead, and how their hosts are resolved. */
    webhookUrls: Readonly<{ allowPrivate: boolean; resolve: Resolve }>;
    /** The reaction to what a verification found. */
    recordOutcome: RecordOutcome;
    /** Writes the access record. */
    recordAccess: RecordAccess;
    /** Signs the statements of reports. */
    signStatement: SignStatement;
    /** The checkpoints that this process knows; null without keys of the account logs. */
    checkpointMemory: Pick<CheckpointMemory, 'largest'> | null;
    metrics: Metrics;
    /** Whether metrics are on a port of their own, and so not on this one. */
    hasMetricsPort: boolean;
    /** Whether the process has had its signal to stop. It serves on until its callers go elsewhere. */
    isStopping(): boolean;
    /** Null where accounts may send any number of requests. */
    rateLimiter: RateLimiter | null;
    /** Counts the messages that an account has sent to its webhooks by hand. */
    messageLimiter: RateLimiter;
    cursors: CursorCodec;
    /** Signing in by an identity provider; null where none is configured. */
    oidc: OidcClient | null;
    /** Authenticates the cookie that a browser carries from there back here. */
    signInFlows: SignedTextCodec;
    log: Logger;
    /** Settles when the database answers; rejects when it does not within the deadline. */
    pingDatabase(deadlineMs: number): Promise<void>;
    /** Whether an audit key is configured: without one every log is unverifiable. */
    hasAuditKeys: boolean;
    /** The audit keys of this process, without their bytes. */
    auditKeys: readonly Readonly<{ id: string; check: string; scope: KeyScope }>[];
    /** The audit keys that stored logs need and that are not configured. */
    keyNeeds: KeyNeeds;
    reportTimeoutMs: number;
    /** Sessions that one report covers at most. */
    reportSessionsLimit: number;
    /** Reports of one account that may wait or be made in the background at once. */
    reportJobsLimit: number;
    /** The operator's statement on the BAA chain, or null. */
    baaChainText: string | null;
    /** `PUBLIC_URL`: where browsers and programs reach the service; null where it is not configured. */
    publicUrl: string | null;
    production: boolean;
    /** The OpenAPI document, as `api/openapi.json` has it. */
    openApi: Readonly<{ bytes: Buffer; etag: string }>;
  }>;
