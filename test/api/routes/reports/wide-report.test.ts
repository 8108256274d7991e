// Reports over an agent and over an account, against the results of an independent program.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Document } from 'mongodb';
import { runImport } from '../../../../scripts/import.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import type { WideReport } from '../../../../shared/reports/report-schema.ts';
import { assertError, readError } from '../../../support/answers.ts';
import { type BundleName, bundleDir, type ExpectedWindow, readExpected } from '../../../support/bundles.ts';
import { commandEnv } from '../../../support/commands.ts';
import { openTestDatabase } from '../../../support/mongo.ts';
import { naiveRoot } from '../../../support/naive-merkle-tree.ts';
import { runHere } from '../../../support/run-here.ts';
import { editSegment } from '../../../support/segments.ts';
import { startApp, type TestApp } from '../../../support/start-app.ts';

const BUNDLES = ['clinic-week', 'other-clinic'] as const;
const clinic = await readExpected('clinic-week');
const other = await readExpected('other-clinic');
const EXPECTED = { 'clinic-week': clinic, 'other-clinic': other };
/** All of both bundles. */
const MAY = 'since=2026-05-01T00:00:00Z&until=2026-05-08T00:00:00Z';

type Row = Document & { _id: string };

type Wire = Omit<WideReport, 'redactions_by_kind' | 'redactions_by_pass'> & {
  redactions_by_kind: Record<string, number>;
  redactions_by_pass: Record<string, number>;
};

const releases: (() => Promise<void>)[] = [];
const t = { after: (release: () => Promise<void>) => releases.push(release) };
let app: TestApp;
let cookies: Record<BundleName, string>;

before(async () => {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-wide-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const keys = `${clinic.audit_keys},${other.audit_keys}`;
  for (const name of BUNDLES) {
    const { code, stdout } = await runHere(runImport, [bundleDir(name)], commandEnv(database, dataDir, keys));
    assert.equal(code, 0, stdout);
  }
  app = await startApp(t as never, { AUDIT_KEYS: keys, REPORT_THREADS: '2' }, { database });
  cookies = {
    'clinic-week': await app.login(clinic.account_id),
    'other-clinic': await app.login(other.account_id),
  };
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

async function fetchReport(path: string, cookie = cookies['clinic-week']): Promise<Wire> {
  const response = await app.get(path, cookie);
  const body = await response.text();
  assert.equal(response.status, 200, body.slice(0, 600));
  return (JSON.parse(body) as { report: Wire }).report;
}

function pathOf({ scope, agent_id, since, until, tz }: ExpectedWindow, more = ''): string {
  const base = scope === 'agent' ? `/api/v1/agents/${agent_id}/report` : '/api/v1/reports';
  return `${base}?since=${since}&until=${until}&tz=${encodeURIComponent(tz)}${more}`;
}

const withoutZeros = (pairs: readonly (readonly [string, number])[]) =>
  Object.fromEntries(pairs.filter(([, count]) => count > 0));

describe('a report over many sessions', () => {
  for (const name of BUNDLES) {
    for (const expected of EXPECTED[name].windows) {
      const { scope, since, until, tz } = expected;
      it(`${name}: the ${scope} from ${since} to ${until}, ${tz}, as an independent program computed it`, async () => {
        const report = await fetchReport(pathOf(expected), cookies[name]);
        assert.equal(report.scope, scope);
        assert.equal(report.sessions_total, expected.sessions_total);
        assert.equal(report.audit_log.entries_read, expected.entries);
        assert.equal(report.audit_log.verdict, 'verified');
        assert.equal(report.merkle_root_hex, expected.merkle_root_hex);
        assert.deepEqual(report.redactions_by_kind, expected.redactions_by_kind);
        assert.deepEqual(report.redactions_by_pass, expected.redactions_by_pass);
        assert.deepEqual(
          withoutZeros(report.redactions_by_agent.map((row) => [row.agent_id, row.redactions])),
          withoutZeros(Object.entries(expected.redactions_by_agent)),
        );
        assert.deepEqual(
          withoutZeros(report.redactions_by_day.map((row) => [row.day, row.redactions])),
          withoutZeros(Object.entries(expected.redactions_by_day_of_start)),
        );
        // The root is what anybody makes of the sessions that the report names.
        const leaves = report.sessions.map(({ id, root_hex, entries }) =>
          Buffer.from(`{"root":"${root_hex}","session_id":"${id}","size":${entries}}`),
        );
        assert.equal(Buffer.from(naiveRoot(leaves)).toString('hex'), report.merkle_root_hex);
        for (const { id, root_hex, entries, redactions } of report.sessions) {
          const known = EXPECTED[name].sessions[id];
          assert.deepEqual(
            [root_hex, entries, redactions],
            [known?.merkle_root_hex, known?.event_count, known?.redaction_count],
          );
        }
      });
    }
  }

  it('days have 23 and 25 hours where the clocks of New York change', async () => {
    const hours = (period: string) =>
      fetchReport(`/api/v1/reports?period=${period}&tz=America/New_York`).then((report) =>
        report.redactions_by_day.map(
          ({ since, until }) => (Date.parse(until) - Date.parse(since)) / 3_600_000,
        ),
      );
    assert.deepEqual(await hours('2026-03-08'), [23]);
    assert.deepEqual(await hours('2025-11-02'), [25]);
    const march = await hours('2026-03');
    assert.equal(march.length, 31);
    assert.equal(march.filter((length) => length === 23).length, 1);
  });

  it('a period is the window of its days by the clocks of the zone', async () => {
    const { window } = await fetchReport('/api/v1/reports?period=2026-Q2&tz=America/New_York');
    assert.deepEqual(window, {
      since: '2026-04-01T04:00:00Z',
      until: '2026-07-01T04:00:00Z',
      tz: 'America/New_York',
      period: '2026-Q2',
    });
  });

  it('an empty window is a report that says so', async () => {
    const report = await fetchReport('/api/v1/reports?period=2026-01');
    assert.deepEqual([report.sessions_total, report.sessions, report.policies], [0, [], []]);
    assert.equal(report.merkle_root_hex, hash('sha256', ''));
    assert.deepEqual(new Set(Object.values(report.safe_harbor_coverage)), new Set(['none']));
    assert.equal(report.completeness.account_log, 'no account log');
  });

  it('the report is canonical, and its digest is in the ledger under who asked', async () => {
    const response = await app.get(`/api/v1/reports?${MAY}`, cookies['clinic-week']);
    const body = await response.text();
    const { report } = JSON.parse(body) as { report: Wire };
    const row = await app.database.db.collection<Row>('reports').findOne({ _id: report.id });
    assert.equal(row?.json_sha256, hash('sha256', body));
    assert.deepEqual([row?.scope, row?.root_hex, row?.size], ['account', report.merkle_root_hex, 4871]);
    assert.equal(report.policies.length > 0, true);
    assert.equal(
      report.policies.reduce((sum, { sessions }) => sum + sessions, 0),
      report.sessions_total,
    );
  });

  it('CSV has a row a session, in RFC 4180', async () => {
    const response = await app.get(`/api/v1/reports?${MAY}&format=csv`, cookies['clinic-week']);
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.match(
      response.headers.get('content-disposition') ?? '',
      /^attachment; filename="masker-account-acc_\w+-2026-05-01-to-2026-05-08\.csv"$/,
    );
    const lines = (await response.text()).split('\r\n');
    assert.equal(lines.length, 122);
    assert.match(lines[0] ?? '', /^session_id,agent_id,agent_name,started_at,/);
    assert.deepEqual(
      lines.slice(1, -1).map((line) => line.slice(0, 31)),
      Object.keys(clinic.sessions).sort(),
    );
  });
});

describe('a report over many sessions, asked for wrongly', () => {
  const refused: [query: string, param: string][] = [
    ['format=xml', 'format'],
    ['exceptions=maybe', 'exceptions'],
    ['since=30d&period=2026-05', 'period'],
    ['until=2026-05-02T00:00:00Z&period=2026-05', 'period'],
    ['period=2999', 'period'],
    ['period=2026-13', 'period'],
    ['period=2026-02-30', 'period'],
    ['period=2026-Q5', 'period'],
    ['period=May', 'period'],
    ['tz=Mars/Olympus', 'tz'],
    ['tz=%2B05:30', 'tz'],
    ['since=1926-01-01T00:00:00Z', 'since'],
    ['since=2999-01-01T00:00:00Z', 'since'],
    ['since=2999-01-01T00:00:00Z&until=2999-02-01T00:00:00Z', 'since'],
    ['since=0000-01-01T00:00:00Z&until=0000-01-02T00:00:00Z&tz=America/New_York', 'since'],
    ['since=2026-05-02T00:00:00Z&until=2026-05-01T00:00:00Z', 'until'],
    ['periode=2026', 'period'],
  ];
  for (const [query, param] of refused)
    it(`${query} is 422 at ${param}, with the remedy`, async () => {
      const agent = clinic.windows.find(({ scope }) => scope === 'agent')?.agent_id;
      for (const path of ['/api/v1/reports', `/api/v1/agents/${agent}/report`]) {
        await assertError(
          await app.get(`${path}?${query}`, cookies['clinic-week']),
          422,
          'validation_failed',
          param,
        );
      }
    });

  it("another account's agent, an unknown and a malformed one are the same 404", async () => {
    const foreign = other.windows.find(({ scope }) => scope === 'agent')?.agent_id;
    for (const id of [foreign, newId('agent'), 'agt_1', '%zz']) {
      const response = await app.get(`/api/v1/agents/${id}/report?${MAY}`, cookies['clinic-week']);
      await assertError(response, 404, 'agent_not_found');
    }
  });

  it('401 without a login, 403 without reports:read, 403 from a page of another site', async () => {
    await assertError(await app.get('/api/v1/reports'), 401, 'unauthenticated');
    const reader = await app.login(clinic.account_id, ['sessions:read']);
    for (const path of ['/api/v1/reports', '/api/v1/reports/ledger'])
      await assertError(await app.get(path, reader), 403, 'forbidden');
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    await assertError(
      await app.get('/api/v1/reports', cookies['clinic-week'], { headers }),
      403,
      'forbidden',
    );
    const head = await app.get('/api/v1/reports', cookies['clinic-week'], { headers, method: 'HEAD' });
    assert.equal(head.status, 403);
  });
});

describe('the ledger', () => {
  it('lists the reports of the account alone, newest first, page by page', async () => {
    await fetchReport(pathOf(other.windows[0] as ExpectedWindow), cookies['other-clinic']);
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? 'limit=3' : `limit=3&cursor=${cursor}`;
      const response = await app.get(`/api/v1/reports/ledger?${query}`, cookies['clinic-week']);
      assert.equal(response.status, 200);
      const page = (await response.json()) as { data: { id: string }[]; next_cursor: string | null };
      assert.ok(page.data.length <= 3);
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    const rows = await app.database.db
      .collection<{ _id: string }>('reports')
      .find({ account_id: clinic.account_id })
      .sort({ generated_at: -1, _id: -1 })
      .toArray();
    assert.deepEqual(
      ids,
      rows.map(({ _id }) => _id),
    );
    assert.ok(ids.length > 3);
  });
});

describe('a session row that names another policy than its own, among many', () => {
  const named = new Map(
    Object.entries({
      policy_name: { policy_name: 'no-such-policy' },
      policy_version: { policy_version: 7 },
    }),
  );
  for (const [field, change] of named) {
    it(`${field}: refuses the report for that session alone, and lists it where that is asked for`, async () => {
      const rows = app.database.db.collection<Row>('sessions');
      const before = await rows.findOne({ account_id: clinic.account_id, 'log.size': { $gt: 0 } });
      const { _id } = before as Row;
      await rows.updateOne({ _id }, { $set: change });
      try {
        const response = await app.get(`/api/v1/reports?${MAY}`, cookies['clinic-week']);
        const error = await readError(response);
        assert.deepEqual([response.status, error.reason], [500, 'log_failed']);
        assert.match(error.message, new RegExp(`1 of the window's 120 logs .*${_id} unverifiable.*${field}`));
        const report = await fetchReport(`/api/v1/reports?${MAY}&exceptions=list`);
        assert.deepEqual(
          report.exceptions.map(({ session_id, verdict }) => [session_id, verdict]),
          [[_id, 'unverifiable']],
        );
        assert.deepEqual([report.sessions_total, report.audit_log.verdict], [119, 'incomplete']);
      } finally {
        await rows.replaceOne({ _id }, before as Row);
      }
    });
  }

  it('an unsealed row whose SHA-256 is not that of the version that it names is listed, too', async () => {
    const rows = app.database.db.collection<Row>('sessions');
    const before = await rows.findOne({ account_id: clinic.account_id, 'log.size': { $gt: 0 } });
    const { _id } = before as Row;
    const change = { policy_sha256: 'ab'.repeat(32), 'log.seal': null };
    await rows.updateOne({ _id }, { $set: change });
    try {
      const report = await fetchReport(`/api/v1/reports?${MAY}&exceptions=list`);
      assert.deepEqual(
        report.exceptions.map(({ session_id, verdict }) => [session_id, verdict]),
        [[_id, 'unverifiable']],
      );
    } finally {
      await rows.replaceOne({ _id }, before as Row);
    }
  });

  it('a policy that is not stored is still said to be missing, with the sessions under it', async () => {
    const policies = app.database.db.collection<Row>('policies');
    const before = await policies.findOne({ account_id: clinic.account_id });
    const { _id } = before as Row;
    const under = await app.database.db
      .collection<Row>('sessions')
      .find({ account_id: clinic.account_id, policy_sha256: _id.slice(-64) })
      .sort({ _id: 1 })
      .toArray();
    await policies.deleteOne({ _id });
    try {
      const response = await app.get(`/api/v1/reports?${MAY}&exceptions=list`, cookies['clinic-week']);
      const error = await readError(response);
      assert.equal(error.reason, 'policy_missing');
      assert.match(
        error.message,
        new RegExp(`during ${under.length} of the window's sessions, ${under[0]?._id} first, is not stored`),
      );
    } finally {
      await policies.insertOne(before as Row);
    }
  });
});

// Last: it damages a log.
describe('a log that failed among many', () => {
  const [id] = Object.entries(clinic.sessions).find(([, { event_count: count }]) => count > 10) as [
    string,
    unknown,
  ];

  before(async () => {
    await editSegment(app.database.db, { accountId: clinic.account_id, id }, 0, (texts) =>
      texts.with(3, (texts[3] as string).replace('"MSKV1"', '"MSKV9"')),
    );
  });

  it('refuses the report, names the log, its fault and its place, and marks the session', async () => {
    const response = await app.get(`/api/v1/reports?${MAY}`, cookies['clinic-week']);
    assert.equal(response.status, 500);
    const error = await readError(response);
    assert.deepEqual([error.code, error.reason], ['report_generation_failed', 'log_failed']);
    assert.match(
      error.message,
      new RegExp(`1 of the window's 120 logs.*${id} altered at seq 3.*exceptions=list`),
    );
    const row = await app.database.db.collection<Row>('sessions').findOne({ _id: id });
    assert.equal(row?.log_failed?.fault, 'altered');
  });

  it('is listed where that is asked for: in no total, under no leaf, and the verdict is failed', async () => {
    const report = await fetchReport(`/api/v1/reports?${MAY}&exceptions=list`);
    const whole = clinic.sessions[id];
    assert.equal(report.audit_log.verdict, 'failed');
    assert.deepEqual(
      report.exceptions.map(({ session_id, verdict, fault, seq }) => [session_id, verdict, fault, seq]),
      [[id, 'failed', 'altered', 3]],
    );
    assert.deepEqual(
      [report.sessions_total, report.audit_log.entries_read],
      [119, 4871 - (whole?.event_count ?? 0)],
    );
    assert.ok(report.sessions.every((session) => session.id !== id));
    const all = Object.values(clinic.sessions).reduce((sum, { redaction_count: count }) => sum + count, 0);
    assert.equal(report.redaction_count, all - (whole?.redaction_count ?? 0));
    const { counted_before, counted_after, sessions_walked, sessions_failed } = report.completeness;
    assert.deepEqual([counted_before, counted_after, sessions_walked, sessions_failed], [120, 120, 119, 1]);
  });
});
