// How MongoDB itself answers each listing: by an index, in its order, reading no rows but those of the page. Only
// MongoDB's own server explains that; with any other this file has nothing to ask.
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { type Document, MongoClient } from 'mongodb';
import { createAccessRepository } from '../../../shared/access-record/access-repository.ts';
import { createAgentRepository } from '../../../shared/accounts/agent-repository.ts';
import { createLoginRepository } from '../../../shared/accounts/login-repository.ts';
import { createTokenRepository } from '../../../shared/accounts/token-repository.ts';
import { createHourRepository } from '../../../shared/aggregates/hour-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { createPolicyRepository } from '../../../shared/policy/policy-repository.ts';
import { createReportJobs } from '../../../shared/reports/report-jobs.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { createFleetPayloads } from '../../../shared/sessions/fleet-payloads.ts';
import { createFleetSessions } from '../../../shared/sessions/fleet-sessions.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { createSessionSumRepository } from '../../../shared/sessions/session-sums.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createWebhookRepository } from '../../../shared/webhooks/webhook-repository.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { isMongod } from '../../support/server-kind.ts';
import { buildSession } from '../../support/sessions.ts';

const database = await openTestDatabase({ after });
const why = (await isMongod(database.db))
  ? false
  : 'the server is not MongoDB’s own: its explain tells nothing';
const client = new MongoClient(database.uri, { monitorCommands: true });
after(() => client.close());
const db = client.db(database.name);

/** Rows of each of two tenants, and rows that a page has: a listing that reads more than some pages reads too much. */
const ROWS = 400;
const PAGE = 5;
const READ_AT_MOST = 4 * PAGE;

type Plan = Readonly<{ name: string; command: Document }>;

/** The reads that this work sends. */
async function readsOf(work: () => unknown): Promise<Plan[]> {
  const sent: Plan[] = [];
  const note = ({ commandName: name, command }: { commandName: string; command: Document }) => {
    if (name === 'find' || name === 'aggregate' || name === 'count') sent.push({ name, command });
  };
  client.on('commandStarted', note);
  const result = await work();
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    await Array.fromAsync(result as AsyncIterable<unknown>);
  }
  client.off('commandStarted', note);
  return sent;
}

const LEFT_OUT = new Set(['lsid', '$db', '$clusterTime', 'txnNumber', 'maxTimeMS']);

async function explain({ command }: Plan): Promise<Document> {
  const asked = Object.fromEntries(Object.entries(command).filter(([name]) => !LEFT_OUT.has(name)));
  return await db.command({ explain: asked, verbosity: 'executionStats' });
}

/** Every value under a name, however deep: a plan's shape depends on the version. */
function valuesOf(plan: unknown, name: string): unknown[] {
  if (Array.isArray(plan)) return plan.flatMap((each) => valuesOf(each, name));
  if (typeof plan !== 'object' || plan === null) return [];
  return Object.entries(plan).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesOf(value, name),
  ]);
}

it('every listing is served by an index, in its order, without reading other rows', {
  skip: why,
}, async (t) => {
  const [mine, other] = [newId('account'), newId('account')];
  const agentId = newId('agent');
  const sessions = createSessionRepository(db);
  for (const accountId of [mine, other]) {
    for (let i = 0; i < ROWS; i += 1) {
      const kinds = i % 50 === 0 ? ([['NAME', 9]] as const) : [];
      const startedAt = new Date(Date.now() - 3_600_000 + i);
      const tenant = { accountId, agentId, cookie: '' };
      const session = buildSession(tenant, { startedAt, redactionsByKind: kinds, agentId });
      await sessions.insert(accountId, session, null);
    }
  }
  const range = { since: new Date(Date.now() - 86_400_000), until: new Date(Date.now() + 60_000) };
  const page = { ...range, minRedactions: 0, after: null, limit: PAGE };
  const after = { startedAt: new Date(Date.now() - 3_599_900), id: newId('session') };
  const anyAccess = { action: null, user: null, token: null, subject: null, after: null };
  const fleet = createFleetSessions(db);
  const at = { generatedAt: new Date(), id: newId('report') };

  const bounded: Record<string, () => unknown> = {
    'sessions of the account': () => sessions.list(mine, page),
    'sessions of the account, second page': () => sessions.list(mine, { ...page, after }),
    'sessions of an agent': () => sessions.list(mine, { ...page, agentId }),
    'sessions of a status': () => sessions.list(mine, { ...page, status: 'ok' }),
    'sessions with redactions': () => sessions.list(mine, { ...page, minRedactions: 3 }),
    'sessions with a failed log': () => sessions.list(mine, { ...page, finding: 'failed' }),
    'sessions with an unverifiable log': () => sessions.list(mine, { ...page, finding: 'unverifiable' }),
    'sessions with an unsealed log': () => sessions.list(mine, { ...page, finding: 'unsealed' }),
    'marked logs of all accounts': () => fleet.listMarked(new Date(), null, PAGE),
    'ended sessions of all accounts': () => fleet.listEnded(null, PAGE),
    'a session by its external id': () => sessions.list(mine, { ...page, externalId: 'x' }),
    'sessions with a root': () => sessions.listByRoot(mine, 'ab'.repeat(32), PAGE),
    'sessions selected by account': () => fleet.listSelected({ accountId: mine }, null, PAGE),
    'sessions that are due': () => fleet.listDue(null, PAGE),
    agents: () => createAgentRepository(db).list(mine, { afterId: null, limit: PAGE }),
    policies: () => createPolicyRepository(db).list(mine, { after: null, limit: PAGE }),
    ledger: () => createReportLedger(db).list(mine, { after: null, limit: PAGE }),
    'ledger, second page': () => createReportLedger(db).list(mine, { after: at, limit: PAGE }),
    'report jobs': () => createReportJobs(db, null).list(mine, PAGE),
    tokens: () => createTokenRepository(db).list(mine, PAGE),
    logins: () => createLoginRepository(db).list(mine, new Date(), PAGE),
    'the access record': () => createAccessRepository(db).list(mine, { ...range, ...anyAccess, limit: PAGE }),
    webhooks: () => createWebhookRepository(db).list(mine, { afterId: null, limit: PAGE }),
    deliveries: () => createDeliveryRepository(db).list(mine, newId('webhook'), { after: null, limit: PAGE }),
    'unsettled payloads': () => createFleetPayloads(db).settle(new Date(0), PAGE),
  };
  const whole: Record<string, () => unknown> = {
    'hours that have sessions': () => createSessionSumRepository(db).listHours(mine, range),
    'sessions of a window': () => createSessionSumRepository(db).readEnded(mine, [range]),
    'summed hours': () => createHourRepository(db).list(mine, range),
    'how many are selected': () => fleet.countSelected({ accountId: mine }),
  };
  for (const [name, work] of Object.entries({ ...bounded, ...whole })) {
    await t.test(name, async () => {
      const reads = await readsOf(work);
      assert.ok(reads.length > 0, 'it asked nothing');
      for (const read of reads) {
        const plan = await explain(read);
        const stages = new Set(valuesOf(plan.queryPlanner ?? plan, 'stage'));
        assert.ok(!stages.has('COLLSCAN'), 'it scans the collection');
        // One row is in order, and so are few that are marked.
        const isFew = /external id|failed log|unverifiable log|marked logs/.test(name);
        assert.ok(isFew || !stages.has('SORT'), 'it sorts in memory');
        const examined = valuesOf(plan, 'totalDocsExamined').map(Number);
        const most = name in bounded ? READ_AT_MOST : ROWS;
        assert.ok(
          examined.every((count) => count <= most),
          `it reads ${examined} documents`,
        );
      }
    });
  }
});
