import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentResponse, agentsResponse } from '../../../api/routes/agents/schema.ts';
import { redactionStatsResponse } from '../../../api/routes/stats/schema.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { readFigures, readTable, textsOf } from '../../support/page-figures.ts';
import { type PageDocument, readPage, textOf } from '../../support/pages.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp } from '../../support/start-app.ts';

test('the list of agents', async (t) => {
  const app = await startApp(t);

  await t.test('an account without agents is told where they come from', async () => {
    const { cookie, agentId } = await app.addTenant('Empty');
    const agents = app.database.db.collection<{ _id: string }>('agents');
    await agents.updateOne({ _id: agentId }, { $set: { deleted_at: new Date() } });
    assert.match(textOf(await readPage(await app.get('/agents', cookie))), /The account has no agent yet\./);
  });

  await t.test('422 for a bad limit or cursor', async () => {
    const { cookie } = await app.addTenant('Bad');
    for (const query of ['limit=101', 'cursor=e.y', 'window=7d']) {
      await readPage(await app.get(`/agents?${query}`, cookie), 422);
    }
  });

  await t.test('its pages hold every agent once, with the numbers of the API', async () => {
    const tenant = await app.addTenant('Clinic');
    const { accountId, cookie } = tenant;
    for (let i = 0; i < 6; i += 1) {
      const agentId = newId('agent');
      await app.deps.agents.upsert(accountId, { id: agentId, name: `agent ${i}`, policyName: 'strict' });
      for (const hours of [1, 30, 200].slice(i % 3)) {
        const startedAt = new Date(Date.now() - hours * HOUR_MS);
        await addSession(app, tenant, { agentId, startedAt, redactionsByKind: [['NAME', i]] });
      }
    }
    const { data } = agentsResponse.parse(await (await app.get('/api/v1/agents', cookie)).json());
    const shown: string[][] = [];
    let path: string | null = '/agents?limit=3';
    while (path !== null) {
      const page = await readPage(await app.get(path, cookie));
      shown.push(...readTable(page, 'Agents').slice(1));
      const next = [...page.querySelectorAll('.pager a')].find(
        ({ textContent }) => textContent === 'Next page',
      );
      path = next?.getAttribute('href') ?? null;
    }
    assert.deepEqual(
      shown,
      data.map((agent) => [
        agent.name,
        agent.policy_name,
        String(agent.session_count_24h),
        String(agent.session_count_7d),
        String(agent.redaction_count_24h),
        ...[agent.p50_latency_ms, agent.p95_latency_ms].map((ms) => (ms === null ? '–' : `${ms} ms`)),
      ]),
    );
    assert.equal(shown.length, 7);
  });
});

test('the page of an agent', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, agentId, cookie } = tenant;
  const stranger = await app.addTenant('Stranger');

  await t.test('one and the same 404 for a malformed, an unknown and another account’s agent', async () => {
    const pages = [];
    for (const id of ['x', '%zz', newId('agent'), agentId.toLowerCase(), stranger.agentId]) {
      pages.push(textOf(await readPage(await app.get(`/agents/${id}`, cookie), 404)));
    }
    assert.deepEqual([...new Set(pages)], [pages[0]]);
    assert.match(pages[0]!, /No agent with this ID exists in your account\./);
  });

  await t.test('422 for a window that it does not have', async () => {
    await readPage(await app.get(`/agents/${agentId}?window=1y`, cookie), 422);
  });

  await t.test('an agent without sessions has no chart, no latency and no policy in force', async () => {
    const page = await readPage(await app.get(`/agents/${agentId}`, cookie));
    assert.equal(page.querySelectorAll('svg').length, 0);
    assert.match(textOf(page), /no version was in force yet.*Nothing was redacted in the last 7 days/);
    assert.deepEqual(readTable(page, 'Durations').slice(1), [
      ['Last 24 hours', '0', '–', '–'],
      ['Last 7 days', '0', '–', '–'],
    ]);
  });

  await t.test('its numbers are those of the API', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    for (const [hours, lastedMs] of [
      [1, 100],
      [2, 300],
      [30, 2_500],
      [31, 900],
      [600, 7_000],
    ] as const) {
      const startedAt = new Date(Date.now() - hours * HOUR_MS);
      const events = Array.from({ length: hours % 7 }, (_, i) => redaction(i % 2 ? 'NAME' : 'DOB'));
      await addSessionWithLog(app, tenant, { events, startedAt, lastedMs });
    }
    const other = newId('agent');
    await app.deps.agents.upsert(accountId, { id: other, name: 'other', policyName: 'p' });
    await addSession(app, tenant, { agentId: other, redactionsByKind: [['NAME', 500]] });
    const agent = agentResponse.parse(await (await app.get(`/api/v1/agents/${agentId}`, cookie)).json());

    for (const window of ['24h', '7d', '30d']) {
      const bucket = window === '24h' ? 'hour' : 'day';
      const query = new URLSearchParams({ since: window, bucket, tz: 'America/New_York', agent_id: agentId });
      const stats = await app.get(`/api/v1/stats/redactions?${query}`, cookie);
      const { data } = redactionStatsResponse.parse(await stats.json());
      const reader = `${cookie}; masker_tz=America%2FNew_York`;
      const page = await readPage(await app.get(`/agents/${agentId}?window=${window}`, reader));
      const [headings, ...rows] = readTable(page, 'Redactions by kind');
      assert.deepEqual(headings, [bucket === 'day' ? 'Day' : 'Hour', 'DOB', 'NAME', 'All']);
      assert.deepEqual(
        rows.map((cells) => Number(cells.at(-1))),
        data.map(({ count }) => count),
      );
      const sessions = readTable(page, 'Sessions by').slice(1);
      const listed = textsOf(page, 'a[href^="/sessions/sess_"]').length;
      assert.equal(
        sessions.reduce((sum, cells) => sum + Number(cells.at(-1)), 0),
        listed,
      );
    }
    const page = await readPage(await app.get(`/agents/${agentId}`, cookie));
    assert.deepEqual(textsOf(page, '.figures dd'), [
      `${agent.session_count_24h} in 24 hours`,
      `${agent.session_count_7d} in 7 days`,
      `${agent.redaction_count_24h} in 24 hours`,
    ]);
    assert.equal(readFigures(page).get('Redactions')?.value, '3');
    assert.deepEqual(readTable(page, 'Durations').slice(1), [
      ['Last 24 hours', '2', `${agent.p50_latency_ms} ms`, `${agent.p95_latency_ms} ms`],
      ['Last 7 days', '4', '300 ms', '2.5 s'],
    ]);
  });

  await t.test('the policy of its newest session is in force, with its coverage', async () => {
    const page = await readPage(await app.get(`/agents/${agentId}`, cookie));
    const text = textOf(page);
    assert.match(text, /In force healthcare-default, version 1/);
    assert.match(text, /covers 9 in full, 3 in part and 6 not at all/);
    const coverage = readTable(page, 'Safe Harbor coverage').slice(1);
    assert.equal(coverage.length, 18);
    assert.deepEqual(coverage[0]?.slice(0, 3), ['Names', 'full', 'NAME']);

    await addSessionWithLog(app, tenant, { events: [], policy: 'billing-strict@3', open: true });
    const later = textOf(await readPage(await app.get(`/agents/${agentId}`, cookie)));
    assert.match(later, /In force billing-strict, version 3/);
  });

  await t.test('a policy whose text is not stored, or cannot be read, says so', async () => {
    const clinic = await app.addTenant('Policies');
    const session = await addSession(app, clinic);
    const path = `/agents/${clinic.agentId}`;
    assert.match(
      textOf(await readPage(await app.get(path, clinic.cookie))),
      /text of this version is not stored/,
    );
    await app.deps.policies.insert(clinic.accountId, {
      name: session.policyName,
      version: 1,
      text: '<script>: [',
      sha256Hex: session.policySha256Hex,
    });
    assert.match(
      textOf(await readPage(await app.get(path, clinic.cookie))),
      /text of this version cannot be read/,
    );
  });

  await t.test('a policy that takes long to read is read aside, with the same result', async () => {
    const clinic = await app.addTenant('Long');
    const { policySha256Hex } = await addSession(app, clinic);
    const entity = (i: number) => `  K${i}: {enabled: true, action: tokenize}\n`;
    const entities = Array.from({ length: 1_000 }, (_, i) => entity(i)).join('');
    const text = `name: healthcare-default\nversion: 1\npasses: [regex, gemma]\naudit: {log_events: true}\nentities:\n  NAME: {enabled: true, action: redact}\n${entities}`;
    const policy = { name: 'healthcare-default', version: 1, text, sha256Hex: policySha256Hex };
    await app.deps.policies.insert(clinic.accountId, policy);
    const page = await readPage(await app.get(`/agents/${clinic.agentId}`, clinic.cookie));
    assert.match(textOf(page), /covers 1 in full, 0 in part and 17 not at all/);
    assert.match(textOf(page), /These kinds of the policy belong to no identifier: K0, K1, K10,/);
  });

  await t.test('it shows what the login may see, and leads to what it may do', async () => {
    const linksOf = async (permissions: Parameters<typeof app.login>[1]) => {
      const page = await readPage(
        await app.get(`/agents/${agentId}`, await app.login(accountId, permissions)),
      );
      const links = [...page.querySelectorAll('main .buttons a')].map((link) => link.getAttribute('href'));
      return { links, text: textOf(page), charts: page.querySelectorAll('figure').length };
    };
    const agentsOnly = await linksOf(['agents:read']);
    assert.deepEqual([agentsOnly.links, agentsOnly.charts], [[], 0]);
    assert.doesNotMatch(agentsOnly.text, /In force|sess_/);
    const all = await linksOf(['agents:read', 'sessions:read', 'reports:read']);
    assert.deepEqual(all.links, [
      `/reports/new?scope=agent&agent_id=${agentId}`,
      `/sessions?since=7d&agent_id=${agentId}`,
    ]);
    assert.equal(all.charts, 2);
  });

  await t.test('names, policies and kinds are text', async () => {
    const hostile = await app.addTenant('Hostile');
    for (const text of HOSTILE_TEXTS) {
      const id = newId('agent');
      await app.deps.agents.upsert(hostile.accountId, { id, name: text, policyName: text });
      const session = await addSession(app, hostile, { agentId: id, redactionsByKind: [[text, 2]] });
      await app.database.db
        .collection<{ _id: string }>('sessions')
        .updateOne(
          { _id: session.id },
          { $set: { policy_name: text, policy_version: text, policy_sha256: text } },
        );
      assertOnlyText(await readPage(await app.get(`/agents/${id}`, hostile.cookie)), text);
    }
    // Three pages once: a list after each text would hold up to a hundred agents each time.
    let listed = 0;
    for (let path = '/agents?limit=100'; path !== ''; ) {
      const page = await readPage(await app.get(path, hostile.cookie));
      assertOnlyText(page, path);
      listed += page.querySelectorAll('tbody tr').length;
      const next = [...page.querySelectorAll('nav.pager a')].find((a) => a.textContent === 'Next page');
      path = next?.getAttribute('href') ?? '';
    }
    // The account has an agent of its own.
    assert.equal(listed, HOSTILE_TEXTS.length + 1);
  });

  await t.test('a session that lies before every time is no reason to fail', async () => {
    const odd = await app.addTenant('Odd');
    const session = await addSession(app, odd, { startedAt: new Date(Date.now() - DAY_MS) });
    const rows = app.database.db.collection<{ _id: string }>('sessions');
    for (const started_at of [[new Date()], 'yesterday', null, new Date(-8.64e15)]) {
      await rows.updateOne({ _id: session.id }, { $set: { started_at } });
      for (const path of ['/', `/agents/${odd.agentId}`, '/agents']) {
        await readPage(await app.get(path, odd.cookie));
      }
    }
  });
});

/** Fails where a text became an element, or the page holds a character that hides. */
function assertOnlyText(page: PageDocument, text: string): void {
  assert.equal(page.querySelectorAll('script').length, 3, text);
  const made = page.querySelectorAll('main :is(img, iframe, form, base, meta, b, foreignObject)');
  assert.equal(made.length, 0, text);
  assert.doesNotMatch(page.toString(), /(?![\n\t])\p{C}/u);
}
