import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TENANT_PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { newId } from '../../../shared/audit/ids.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import { damageRow } from '../../support/damage-rows.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../support/logs.ts';
import { type PageDocument, readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

/** The cells of the rows of a table, by its place in a section. */
function rowsOf(page: PageDocument, selector: string): string[][] {
  return [...page.querySelectorAll(`${selector} tbody tr`)].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? ''),
  );
}

const POST = { method: 'POST', body: new URLSearchParams() };

test('the page of a session', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId } = tenant;
  const cookie = await app.login(accountId, [...TENANT_PERMISSIONS, 'payloads:read']);
  const show = async (id: string, query = '') => readPage(await app.get(`/sessions/${id}${query}`, cookie));

  await t.test('an id that is malformed, unknown or another account’s is the same page', async () => {
    const other = await app.addTenant('Other');
    const foreign = await addSessionWithLog(app, other, { events: [redaction('NAME')] });
    const texts = new Set<string>();
    for (const id of ['x', '%zz', newId('agent'), newId('session'), foreign.id]) {
      for (const init of [{}, POST]) {
        const path = 'method' in init ? `/sessions/${id}/verify` : `/sessions/${id}`;
        texts.add((await readPage(await app.get(path, cookie, init), 404)).body.innerHTML);
      }
    }
    assert.equal(texts.size, 1);
  });

  await t.test('facts, counts and entries are those that the API gives', async () => {
    const events = [redaction('NAME', [142, 156]), redaction('DOB'), redaction('NAME')];
    const { id } = await addSessionWithLog(app, tenant, { events });
    const { session } = (await (await app.get(`/api/v1/sessions/${id}`, cookie)).json()) as {
      session: {
        redactions_by_kind: Record<string, number>;
        merkle_root_hex: string;
        events: { event_id: string }[];
      };
    };
    const page = await show(id);
    assert.match(textOf(page, '#verdict'), /Audit log verified .*Entries 3, each checked.*Seal checked/);
    assert.ok(textOf(page, '#verdict').includes(session.merkle_root_hex));
    const kinds = rowsOf(page, '[aria-label$="counted in the log"]');
    assert.deepEqual(
      kinds,
      Object.entries(session.redactions_by_kind).map(([kind, count]) => [kind, String(count)]),
    );
    const entries = rowsOf(page, '#entries');
    assert.deepEqual(
      entries.map((cells) => cells.at(-1)),
      session.events.map(({ event_id }) => event_id),
    );
    assert.deepEqual(entries[0]?.slice(2, 8), ['masked', 'NAME', 'gemma', '142–156', '0.94', 'MSKV1']);
  });

  await t.test('entries are filtered by kind and pass, and come in pages', async () => {
    const events = Array.from(
      { length: 700 },
      (_, i): EventDraft => ({
        ...redaction(i % 7 === 0 ? 'DOB' : 'NAME', [i, i + 1]),
        pass: i % 2 === 0 ? 'regex' : 'gemma',
      }),
    );
    const { id } = await addSessionWithLog(app, tenant, { events });
    const wanted = events.flatMap((event, i) =>
      event.entity_kind === 'NAME' && event.pass === 'gemma' ? [String(i)] : [],
    );
    const seen: string[] = [];
    let query = '?entity_kind=NAME&pass=gemma&from_seq=';
    for (let pages = 0; pages < 3; pages += 1) {
      const page = await show(id, query);
      assert.match(textOf(page, '#entries'), new RegExp(`${wanted.length} of 700 entries`));
      seen.push(...rowsOf(page, '#entries').map(([seq]) => seq ?? ''));
      const next = page.querySelector('#entries .pager a:last-child');
      assert.equal(page.querySelector('select[name=pass] option[selected]')?.textContent, 'gemma');
      if (next?.textContent !== 'Next entries') break;
      query = (next.getAttribute('href') ?? '').split(/[?#]/)[1]?.replace(/^/, '?') ?? '';
    }
    assert.deepEqual(seen, wanted);
    assert.deepEqual(rowsOf(await show(id, '?entity_kind=OTHER'), '#entries'), []);
    await readPage(await app.get(`/sessions/${id}?from_seq=-1`, cookie), 422);
  });

  await t.test(
    'a failed log is named, with its place and what to do, and the session is marked',
    async () => {
      const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
      await damageEntry(app, session, 1);
      const page = await show(session.id);
      const verdict = textOf(page, '#verdict');
      assert.match(
        verdict,
        /failed: altered .*An entry was changed after it was written.*Next step: keep the database/,
      );
      assert.match(verdict, /First shown at entry 1/);
      assert.equal(rowsOf(page, '#entries').length, 2);
      const found = await app.deps.sessions.findSnapshot(accountId, session.id);
      assert.equal(found?.marks.failed?.fault, 'altered');
    },
  );

  await t.test('a log whose key is missing is unverifiable, neither verified nor failed', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    await damageRow(app.database.db, session, { 'log.key_id': 'k_lost' });
    const verdict = textOf(await show(session.id), '#verdict');
    assert.match(verdict, /unverifiable .*k_lost.*add the key to AUDIT_KEYS/);
    assert.doesNotMatch(verdict, /\bverified|failed/);
  });

  await t.test(
    'an unsealed log is verified and said to be unsealed; an open one has no seal yet',
    async () => {
      const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
      await damageRow(app.database.db, session, { 'log.seal': null });
      assert.match(
        textOf(await show(session.id), '#verdict'),
        /verified Unsealed.*may be missing.*Seal none/,
      );
      const open = await addSessionWithLog(app, tenant, { open: true, events: [redaction('NAME')] });
      assert.match(textOf(await show(open.id), '#verdict'), /verified Entries 1.*Seal none yet/);
    },
  );

  await t.test('Verify now walks the log again and says so', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
    const verify = async () => readPage(await app.get(`/sessions/${session.id}/verify`, cookie, POST));
    assert.match(textOf(await verify(), '#verdict'), /^Audit log verified/);
    await damageEntry(app, session, 0);
    const page = await verify();
    assert.match(textOf(page, '#verdict'), /^Audit log failed: altered/);
    assert.equal(page.querySelector('#verdict')?.getAttribute('data-announce'), 'Log walked: altered');
  });

  await t.test('a damaged row is shown, and what cannot be read is said', async () => {
    for (const field of ['started_at', 'ended_at'] as const) {
      const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
      await damageRow(app.database.db, session, { [field]: '2026' });
      assert.match(textOf(await show(session.id)), /unverifiable: the row is damaged.*cannot be read/);
    }
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    await damageRow(app.database.db, session, { payloads: '{"request": "Jane D' });
    assert.match(textOf(await show(session.id)), /Payloads None/);
  });

  await t.test(
    'payloads stand side by side where the policy logs them, with what was masked marked',
    async () => {
      const payloads = {
        request: { messages: [{ role: 'user', content: 'I am Ada Byron, born 1815.' }] },
        masked: { messages: [{ role: 'user', content: 'I am [NAME_1], born [DOB_1].' }] },
        response: { content: 'Hello Ada Byron.' },
      };
      const logged = { policy: 'billing-strict@3', events: [redaction('NAME')], payloads };
      const { id } = await addSessionWithLog(app, tenant, logged);
      const page = await show(id);
      const marks = [...page.querySelectorAll('mark')].map((mark) => mark.textContent);
      assert.deepEqual(marks, ['Ada Byron', '1815', '[NAME_1]', '[DOB_1]', 'Ada Byron']);
      const hidden = await addSessionWithLog(app, tenant, { events: [redaction('NAME')], payloads });
      assert.doesNotMatch(textOf(await show(hidden.id)), /Ada/);
      for (const withheld of [id, hidden.id]) {
        const text = textOf(await readPage(await app.get(`/sessions/${withheld}`, tenant.cookie)));
        assert.match(text, /Payloads Withheld: what was said .* takes the permission payloads:read/);
        assert.doesNotMatch(text, /Ada/);
      }
    },
  );

  await t.test('reports are offered to whoever may have them', async () => {
    const { id } = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    const offered = (page: PageDocument) => page.querySelectorAll('a[href*="/report?format="]').length;
    assert.equal(offered(await show(id)), 2);
    const weak = await app.login(accountId, ['sessions:read']);
    assert.equal(offered(await readPage(await app.get(`/sessions/${id}`, weak))), 0);
  });

  await t.test('HEAD walks no log and marks no session', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    await damageEntry(app, session, 0);
    const response = await app.get(`/sessions/${session.id}`, cookie, { method: 'HEAD' });
    assert.equal(response.status, 200);
    const found = await app.deps.sessions.findSnapshot(accountId, session.id);
    assert.equal(found?.marks.failed, null);
  });

  await t.test('hostile kinds, passes, payloads, names and filters are text', async () => {
    const storable = HOSTILE_TEXTS.filter((text) => text.isWellFormed() && text.length < 200);
    const events = storable.map((text): EventDraft => ({ ...redaction(text), pass: text }));
    const payloads = {
      request: Object.fromEntries(storable.map((text) => [text, text])),
      masked: Object.fromEntries(storable.map((text) => [text, `${text} [NAME_1]`])),
      response: storable,
    };
    const { id, agentId } = await addSessionWithLog(app, tenant, {
      policy: 'billing-strict@3',
      events,
      payloads,
    });
    await damageRow(app.database.db, { id } as Parameters<typeof damageRow>[1], {
      upstream_model: storable[0],
      stage_durations_ms: storable.map((text, i) => [text, i]),
    });
    const agent = { id: agentId, name: storable.join(' '), policyName: 'healthcare-default' };
    await app.deps.agents.upsert(accountId, agent);
    for (const name of storable.slice(0, 6)) {
      const page = await show(id, `?entity_kind=${encodeURIComponent(name)}`);
      assert.equal(page.querySelectorAll('script').length, 3, name);
      assert.equal(
        page.querySelectorAll('img, iframe, base, :not(.chart, .legend li) > svg, textarea, b, object')
          .length,
        1,
        name,
      );
    }
    const list = await readPage(await app.get('/sessions', cookie));
    assert.equal(list.querySelectorAll('img, iframe, base, svg, textarea, b, object').length, 1);
  });
});
