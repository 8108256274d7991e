// Every reason for which no report is made, as the API answers it, and whether it tells the caller to try again.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAuditKey } from '../../../../shared/audit/audit-keys.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { REPORT_FAILURE_REASONS, type ReportFailureReason } from '../../../../shared/errors/app-error.ts';
import type { Session } from '../../../../shared/sessions/session.ts';
import { NEVER, openTestLogs } from '../../../support/account-logs.ts';
import { assertError, readError } from '../../../support/answers.ts';
import {
  killBothPrints,
  listChromiums,
  printingBegins,
  stopChromiums,
  WITH_CHROMIUM,
} from '../../../support/chromium.ts';
import { eventually } from '../../../support/eventually.ts';
import { addSessionWithLog, damageEntry, type LogTraits, redaction } from '../../../support/logs.ts';
import { startApp, type Tenant, type TestApp } from '../../../support/start-app.ts';

const EVENTS = [redaction('NAME'), redaction('DOB')];

type World = Readonly<{ app: TestApp; tenant: Tenant; session: Session }>;

async function prepare(
  t: TestContext,
  env: Record<string, string> = {},
  traits: Partial<LogTraits> = {},
): Promise<World> {
  const app = await startApp(t, env);
  const tenant = await app.addTenant('Clinic');
  const session = await addSessionWithLog(app, tenant, { events: EVENTS, ...traits });
  return { app, tenant, session };
}

function request({ app, tenant, session }: World, format: 'json' | 'pdf' = 'json'): Promise<Response> {
  return app.get(`/api/v1/sessions/${session.id}/report?format=${format}`, tenant.cookie);
}

async function setFields({ app, session }: World, collection: string, fields: object): Promise<void> {
  const _id = collection === 'sessions' ? session.id : `${session.accountId}/${session.policySha256Hex}`;
  const rows = app.database.db.collection<{ _id: string }>(collection);
  assert.equal((await rows.updateOne({ _id }, { $set: fields })).matchedCount, 1);
}

const seen = new Set<ReportFailureReason>();

/** The reason is in the envelope, and `Retry-After` is there where trying again can help, and nowhere else. */
async function assertReason(
  response: Response,
  expected: ReportFailureReason,
  options: { message?: RegExp; retryable?: boolean } = {},
): Promise<void> {
  const { message: text = /./, retryable = false } = options;
  const { code, reason, message } = await readError(response);
  assert.deepEqual([response.status, code, reason], [500, 'report_generation_failed', expected], message);
  assert.match(message, text);
  assert.match(response.headers.get('retry-after') ?? '', retryable ? /^[1-9]\d*$/ : /^$/);
  seen.add(expected);
}

/** Two answers, in the order of their reasons: which of two requests is printed first is not known. */
async function byReason(answers: Response[]): Promise<[Response, Response]> {
  const reasons = await Promise.all(
    answers.map(async (answer) => (await readError(answer.clone())).reason ?? ''),
  );
  const sorted = answers.toSorted((a, b) =>
    reasons[answers.indexOf(a)]! < reasons[answers.indexOf(b)]! ? -1 : 1,
  );
  return sorted as [Response, Response];
}

describe('the reason why no report is made', () => {
  it('log_failed: an entry of the log was altered', async (t) => {
    const world = await prepare(t);
    await damageEntry(world.app, world.session, 1);
    await assertReason(await request(world), 'log_failed', { message: /altered at seq 1/ });
  });

  it('key_missing: the key of the log is not configured', async (t) => {
    const world = await prepare(t);
    await setFields(world, 'sessions', { 'log.key_id': 'k_gone' });
    await assertReason(await request(world), 'key_missing', { message: /k_gone.*AUDIT_KEYS/ });
  });

  it('key_missing: the configured key is another of that name', async (t) => {
    const world = await prepare(t, { AUDIT_KEYS: `k_test:${'1f'.repeat(32)},k_own:${'2f'.repeat(32)}` });
    await setFields(world, 'sessions', { 'log.key_id': 'k_own', 'log.key_check': '0'.repeat(16) });
    await assertReason(await request(world), 'key_missing', { message: /AUDIT_KEYS/ });
  });

  it('key_out_of_scope: the key of the log is bound to another account', async (t) => {
    const world = await prepare(t, {
      AUDIT_KEYS: `k_test:${'1f'.repeat(32)};account=${newId('account')},k_own:${'2f'.repeat(32)}`,
    });
    const keyCheck = createAuditKey(world.app.config.auditKeys[0]!).check;
    await setFields(world, 'sessions', { 'log.key_id': 'k_test', 'log.key_check': keyCheck });
    await assertReason(await request(world), 'key_out_of_scope', { message: /AUDIT_KEYS/ });
  });

  it('deadline: the report took longer than the deployment allows', async (t) => {
    const world = await prepare(t, { REPORT_TIMEOUT_MS: '1' });
    await assertReason(await request(world), 'deadline', { retryable: true });
  });

  it('leak_scan: a kind of the log has the shape of a social security number', async (t) => {
    const world = await prepare(t, {}, { events: [redaction('219-09-9999')] });
    await assertReason(await request(world), 'leak_scan', { message: /SSN/i });
  });

  it('leak_scan: the stored payloads are no JSON, so nobody can look for them', async (t) => {
    const world = await prepare(t);
    await setFields(world, 'sessions', { payloads: '{"request": "Jane D' });
    await assertReason(await request(world), 'leak_scan', { message: /payloads cannot be read/ });
  });

  it('policy_missing: the policy is not stored', async (t) => {
    const world = await prepare(t);
    await world.app.database.db.collection('policies').deleteMany({});
    await assertReason(await request(world), 'policy_missing', { message: /not stored/ });
  });

  for (const [damage, text] of [
    ['has no text', null],
    ['is no policy', 'name: ['],
    ['is another text', 'name: x\nversion: 1\n'],
  ]) {
    it(`policy_missing: the stored policy ${damage}`, async (t) => {
      const world = await prepare(t);
      await setFields(world, 'policies', { text });
      await assertReason(await request(world), 'policy_missing');
    });
  }

  it('renderer: Chromium was killed while it printed, and the fresh one, too', WITH_CHROMIUM, async (t) => {
    const world = await prepare(t, { REPORT_TIMEOUT_MS: '60000' });
    await (await request(world, 'pdf')).arrayBuffer();
    const answer = await killBothPrints(() => request(world, 'pdf'));
    await assertReason(answer, 'renderer', { retryable: true });
    const metrics = await (await world.app.get('/metrics')).text();
    assert.match(metrics, /^masker_pdf_prints_broken_off_total\{outcome="failed"\} 1$/m);
  });

  it(
    'overloaded_renderer: the PDF waits for its turn until the deadline, and the one before it is late',
    WITH_CHROMIUM,
    async (t) => {
      const world = await prepare(t, { REPORT_TIMEOUT_MS: '15000' });
      // Threads and Chromium are there, so that both reports are ready to be printed well before the deadline.
      await Promise.all([request(world), request(world)].map(async (answer) => (await answer).arrayBuffer()));
      await (await request(world, 'pdf')).arrayBuffer();
      const { leader, answer } = await printingBegins(() =>
        Promise.all([request(world, 'pdf'), request(world, 'pdf')]),
      );
      // The fresh Chromium of the second print hangs, too.
      stopChromiums(t);
      const [printing, waiting] = await byReason(await answer);
      await assertReason(printing, 'deadline', { retryable: true });
      await assertReason(waiting, 'overloaded_renderer', { retryable: true });
      await eventually('the hung Chromium is gone', () => assert.ok(!listChromiums().includes(leader)));
    },
  );

  it(
    'a renderer without a free place is no failed report: 503 without a reason',
    WITH_CHROMIUM,
    async (t) => {
      const world = await prepare(t, { REPORT_QUEUE_LIMIT: '2' });
      {
        // The account's one place.
        using _ = world.app.deps.pdf.reserve(world.session.accountId);
        await assertError(await request(world, 'pdf'), 503, 'overloaded');
      }
      const answer = await request(world, 'pdf');
      assert.equal(answer.status, 200);
      await answer.arrayBuffer();
    },
  );

  it('account_log: the row names an entry of the account log that is of something else', async (t) => {
    const world = await prepare(t);
    const { app, session } = world;
    const { logs } = await openTestLogs(t, { db: app.database.db, sessions: app.deps.sessions });
    // The session's policy has an entry, and the session has not.
    assert.equal((await logs.keep(session.accountId, NEVER)).size, 1);
    await setFields(world, 'sessions', { log_index: 0 });
    await assertReason(await request(world), 'account_log', { message: /not the session's/ });
    await setFields(world, 'sessions', { log_index: 1_000_000 });
    await assertReason(await request(world), 'account_log', { message: /does not have/ });
  });

  it('every reason was answered above', WITH_CHROMIUM, () => {
    // Of reports from the background, whose tests are beside their routes.
    seen.add('stored_bytes');
    seen.add('stored_order');
    const missing = REPORT_FAILURE_REASONS.filter((reason) => !seen.has(reason));
    assert.deepEqual(missing, []);
  });
});
