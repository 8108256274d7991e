// The whole API for one test: real server, real database, real threads. A thread starts with the first task, since many
// tests have none.
import type { TestContext } from 'node:test';
import { createApp } from '../../api/app.ts';
import { createDeps } from '../../api/deps.ts';
import type { ApiDeps } from '../../api/http/context.ts';
import { openPipeline } from '../../api/http/pipeline-view.ts';
import { listen } from '../../api/server.ts';
import { type Permission, TENANT_PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { parseConfig } from '../../shared/process/config.ts';
import type { KeyedConfig } from '../../shared/process/local-keys.ts';
import { createLogger, type Logger } from '../../shared/process/log.ts';
import { ReleaseStack } from '../../shared/process/release.ts';
import { createPdfRenderer } from '../../workers/pdf/pdf.ts';
import { createReportPool } from '../../workers/reports/pool.ts';
import { createDocumentCheck } from './document-check.ts';
import { watchForLeaks } from './leaks.ts';
import { LOCAL } from './local.ts';
import { openTestDatabase, type TestDatabase } from './mongo.ts';
import { pemOf, TEST_ORIGIN } from './signers.ts';

const CLOSE_DEADLINE_MS = 5_000;
const TEST_ENV = {
  AUDIT_KEYS: `k_test:${'1f'.repeat(32)}`,
  CURSOR_KEY: '2e'.repeat(32),
  SIGNING_KEY: pemOf(1),
  LOG_ORIGIN: TEST_ORIGIN,
  REPORT_THREADS: '1',
  // On a busy machine a first PDF takes longer than the default. Tests of the deadline set their own.
  REPORT_TIMEOUT_MS: '120000',
};

export type Tenant = Readonly<{ accountId: string; agentId: string; cookie: string }>;

export type TestApp = Readonly<{
  url: string;
  config: KeyedConfig;
  /** The database by a connection of its own, which stays when the API's is cut. */
  database: TestDatabase;
  deps: ApiDeps;
  /** Requests a path with GET and a cookie, unless told otherwise. */
  get(path: string, cookie?: string | null, init?: RequestInit): Promise<Response>;
  /** A cookie for a new login of the account, which may do what tenants may unless told otherwise. */
  login(accountId: string, permissions?: readonly Permission[]): Promise<string>;
  /** A new account with one agent and a login that may do all that tenants may. */
  addTenant(name: string): Promise<Tenant>;
}>;

export type AppOptions = Readonly<{
  log?: Logger;
  /** One that the test has filled and closes itself; otherwise a new one. */
  database?: TestDatabase;
  /** The test stores bytes of its own where the answer of a route is kept. */
  hasOwnContent?: boolean;
}>;

/**
 * Starts the API on a free port, and closes it when `t` ends; whatever is still open then, and every
 * answer that the OpenAPI document does not have, fails the test.
 */
export async function startApp(
  t: TestContext,
  env: Record<string, string> = {},
  options: AppOptions = {},
): Promise<TestApp> {
  const { log = createLogger({ logLevel: 'silent' }) } = options;
  const assertNoLeaks = watchForLeaks();
  const documented = createDocumentCheck();
  const resources = new ReleaseStack();
  t.after(async () => {
    await resources.release(CLOSE_DEADLINE_MS);
    await assertNoLeaks();
    if (!options.hasOwnContent) documented.assertAsDocumented();
  });

  const parsed = parseConfig({ ...TEST_ENV, ...env });
  const config: KeyedConfig = { ...parsed, cursorKey: parsed.cursorKey!, signing: parsed.signing! };
  const database =
    options.database ?? (await openTestDatabase({ after: (cleanUp) => resources.defer(cleanUp) }));
  const mongodbUri = config.mongodbUri ?? database.uri;
  const mongo = await connectMongo(mongodbUri, database.name);
  resources.defer(() => mongo.close());
  const pool = await createReportPool({
    mongodbUri,
    config: { ...config, mongodbDb: database.name },
    isLazy: true,
  });
  resources.defer(() => pool.close());
  const pdf = await createPdfRenderer({
    chromePath: config.chromePath ?? process.env.TEST_CHROME_PATH,
    path: '',
    tasks: pool,
    pages: config.reportThreads,
    queueLimit: config.reportQueueLimit,
    warn: () => {},
  });
  resources.defer(() => pdf.close());
  const { redisUrl } = config;
  const pipeline = redisUrl === undefined ? null : openPipeline(redisUrl, database.name, mongo.db);
  if (pipeline) resources.defer(() => pipeline.close());
  const deps = createDeps(config, mongo.db, { pool, pdf, pipeline }, log);
  const server = await listen(documented.watch(createApp(deps)), {
    ...LOCAL,
    // As the API's main does: a report on a busy machine may take its whole time.
    idleTimeoutMs: config.reportTimeoutMs + LOCAL.idleTimeoutMs,
    onRefusal: deps.metrics.requests.refuse,
  });
  resources.defer((force) => server.close(force));

  async function login(
    accountId: string,
    permissions: readonly Permission[] = TENANT_PERMISSIONS,
  ): Promise<string> {
    const user = (await deps.users.findOrCreate(accountId, 'Test User'))!;
    const { token } = await deps.logins.issue(accountId, user.id, permissions);
    return `masker_session=${token}`;
  }

  return {
    url: server.url,
    config,
    database,
    deps,
    get: (path, cookie, init = {}) =>
      fetch(`${server.url}${path}`, { ...init, headers: { ...init.headers, ...(cookie && { cookie }) } }),
    login,
    async addTenant(name) {
      const [accountId, agentId] = [newId('account'), newId('agent')];
      await deps.accounts.upsert(accountId, name);
      await deps.agents.upsert(accountId, {
        id: agentId,
        name: `${name} agent`,
        policyName: 'healthcare-default',
      });
      return { accountId, agentId, cookie: await login(accountId) };
    },
  };
}
