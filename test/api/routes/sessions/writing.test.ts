// Sessions written over HTTP.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { createReopenedCheck } from '../../../../api/http/reopened-check.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { checkLog } from '../../../support/check-log.ts';
import { damageSegment } from '../../../support/damage-rows.ts';
import { draftsWithIds } from '../../../support/draft-events.ts';
import { keepLogs } from '../../../support/logged-app.ts';
import { startApp } from '../../../support/start-app.ts';
import {
  type Answer,
  errorOf,
  KEEPING_POLICY,
  openOne,
  openWriter,
  POLICY_TEXT,
  prepare,
  sessionOf,
} from '../../../support/writer-client.ts';

type Event = ReturnType<typeof events>[number];

/** Events as a caller sends them. */
function events(count: number) {
  const start = Date.now();
  return draftsWithIds(count).map((draft, i) => ({ ...draft, ts: new Date(start + i).toISOString() }));
}

test('sessions written over HTTP', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('Clinic');
  const send = await openWriter(app, accountId);
  const { agentId } = await prepare(send);
  const append = (id: string, sent: readonly object[]) =>
    send('POST', `/sessions/${id}/events`, { events: sent });
  const end = (id: string, more: object = {}) =>
    send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok', ...more });
  const refused = (answer: Answer, status: number, code: string, param?: string) => {
    const error = errorOf(answer);
    assert.deepEqual(
      [error.status, error.code, error.param],
      [status, code, param],
      `${error.code} ${error.param}: ${error.message}`,
    );
    return error.message;
  };

  await t.test('a session is opened, appended to, ended, and its report issued', async () => {
    const id = await openOne(send, agentId, { external_id: 'call/42', metadata: { line: 'front desk' } });
    const sent = events(300);
    const first = await append(id, sent.slice(0, 200));
    assert.equal(first.status, 200);
    const second = await append(id, sent.slice(100));
    const { head_hash: headHash, ...counts } = second.body as { head_hash: string };
    assert.deepEqual(counts, { appended: 100, already_there: 100, size: 300 });
    const ended = await end(id, { stage_durations_ms: { detection: 12, upstream: 3.5 } });
    assert.equal(ended.status, 200, JSON.stringify(ended.body));
    const { size, merkle_root_hex: root, seal } = ended.body as Record<string, unknown>;
    assert.equal(size, 300);
    const world = { ...app.deps.writer, db: app.database.db };
    const { verdict, session } = await checkLog(world, { accountId, id });
    assert.ok(verdict.status === 'verified' && verdict.state === 'sealed');
    assert.deepEqual([verdict.rootHex, verdict.headHashHex, session.log.seal], [root, headHash, seal]);

    const shown = (await send('GET', `/sessions/${id}`)).body as { session: Record<string, unknown> };
    assert.equal(shown.session.external_id, 'call/42');
    assert.deepEqual(shown.session.metadata, { line: 'front desk' });
    assert.deepEqual(shown.session.stage_durations_ms, { detection: 12, upstream: 3.5 });
    assert.equal(shown.session.log_verdict, 'verified');
    const report = (await send('GET', `/sessions/${id}/report`)).body as {
      report: Record<string, unknown>;
    };
    assert.equal(report.report.merkle_root_hex, root);
    assert.equal((report.report.session as { external_id: string }).external_id, 'call/42');
    assert.doesNotMatch(JSON.stringify(report), /front desk/);
    const listed = (await send('GET', '/sessions?external_id=call%2F42')).body as { data: { id: string }[] };
    assert.deepEqual(
      listed.data.map((row) => row.id),
      [id],
    );
  });

  await t.test('every call can be sent again', async () => {
    const id = newId('session');
    const body = sessionOf(agentId, { metadata: { b: '2', a: '1' } });
    assert.equal((await send('PUT', `/sessions/${id}`, body)).status, 201);
    const again = await send('PUT', `/sessions/${id}`, { ...body, metadata: { a: '1', b: '2' } });
    assert.equal(again.status, 200);
    const sent = events(3);
    await append(id, sent);
    assert.equal(((await append(id, sent)).body as { already_there: number }).already_there, 3);
    const ended = await end(id);
    assert.deepEqual((await end(id)).body, ended.body);
    // Also after the end.
    assert.equal(((await append(id, sent)).body as { already_there: number }).already_there, 3);
    refused(await append(id, [...sent, ...events(1)]), 409, 'session_closed');
    refused(await send('PUT', `/sessions/${id}`, body), 409, 'session_closed');
    refused(await end(id, { status: 'error' }), 409, 'session_closed', 'status');
    refused(await end(id, { ended_at: '2026-11-01T10:00:01Z' }), 409, 'session_closed', 'ended_at');
    refused(await end(id, { stage_durations_ms: { a: 1 } }), 409, 'session_closed', 'stage_durations_ms');
    const policy = await send('PUT', '/policies/healthcare-default/1', POLICY_TEXT);
    assert.equal(policy.status, 200);
    const agent = await send('PUT', `/agents/${agentId}`, {
      name: 'Desk',
      policy_name: 'healthcare-default',
    });
    assert.equal(agent.status, 200);
  });

  await t.test('events of one session over many connections go in once each', async () => {
    const id = await openOne(send, agentId);
    const sent = events(600);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => append(id, sent.slice(i * 30, i * 30 + 150))),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const appended = answers.map(({ body }) => (body as { appended: number }).appended);
    assert.equal(
      appended.reduce((sum, one) => sum + one, 0),
      600,
    );
    assert.equal(((await end(id)).body as { size: number }).size, 600);
    const { verdict } = await checkLog({ ...app.deps.writer, db: app.database.db }, { accountId, id });
    assert.ok(verdict.status === 'verified');
  });

  await t.test(
    'an open session that is asked for with other facts is a conflict that names them',
    async () => {
      const id = newId('session');
      const body = sessionOf(agentId, { external_id: 'one' });
      assert.equal((await send('PUT', `/sessions/${id}`, body)).status, 201);
      const other = newId('agent');
      await send('PUT', `/agents/${other}`, { name: 'Other', policy_name: 'healthcare-default' });
      for (const [param, value] of [
        ['agent_id', other],
        ['started_at', '2026-11-01T10:00:00Z'],
        ['upstream_model', 'other'],
        ['external_id', 'two'],
        ['metadata', { a: 'b' }],
      ] as const) {
        refused(
          await send('PUT', `/sessions/${id}`, { ...body, [param]: value }),
          409,
          'session_conflict',
          param,
        );
      }
      const second = await send(
        'PUT',
        `/sessions/${newId('session')}`,
        sessionOf(agentId, { external_id: 'one' }),
      );
      refused(second, 409, 'session_conflict', 'external_id');
    },
  );

  await t.test('what makes no session is refused by its field', async () => {
    const put = (more: object) => send('PUT', `/sessions/${newId('session')}`, sessionOf(agentId, more));
    for (const [more, param] of [
      [{ agent_id: newId('agent') }, 'agent_id'],
      [{ agent_id: 'Jane' }, 'agent_id'],
      [{ policy_version: 99 }, 'policy_version'],
      [{ policy_name: 'other' }, 'policy_version'],
      [{ started_at: '2026-02-30T00:00:00Z' }, 'started_at'],
      [{ started_at: 12 }, 'started_at'],
      [{ upstream_model: '' }, 'upstream_model'],
      [{ external_id: '' }, 'external_id'],
      [{ upstream_model: ' ' }, 'upstream_model'],
      [{ upstream_model: 'gpt\u202e4' }, 'upstream_model'],
      [{ external_id: '\u200b' }, 'external_id'],
      [{ external_id: 'call\u0000' }, 'external_id'],
      [{ metadata: { '': 'x' } }, 'metadata'],
      [{ metadata: { a: '1', '\u2066': 'x' } }, 'metadata'],
      [{ external_id: 'ä'.repeat(65) }, 'external_id'],
      [{ external_id: '+1 415 555 2671' }, 'external_id'],
      [{ external_id: '123-45-6789' }, 'external_id'],
      [{ external_id: 'jane@example.org' }, 'external_id'],
      [{ metadata: { a: 1 } }, 'metadata'],
      [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`m${i}`, ''])) }, 'metadata'],
      [{ metadata: { a: 'x'.repeat(257) } }, 'metadata'],
      [{ metadata: [] }, 'metadata'],
      [{ extra: 1 }, 'body'],
    ] as const) {
      const message = refused(await put(more), 422, 'validation_failed', param);
      assert.doesNotMatch(message, /Jane|415|6789|example/);
    }
    // The name of an unknown member may be anything, and messages are logged.
    const unknown = refused(await put({ '123-45-6789 Jane': 1 }), 422, 'validation_failed', 'body');
    assert.match(
      unknown,
      /^body: has a member that is not taken here: the nearest is \w+\. It takes agent_id, /,
    );
    assert.doesNotMatch(unknown, /Jane|6789/);
    const two = refused(await put({ Jane: 1, 'Jane Roe': 2 }), 422, 'validation_failed', 'body');
    assert.match(two, /^body: has 2 members that are not taken here: /);
    assert.doesNotMatch(two, /Jane/);
    const near = refused(await put({ external_ids: 'x' }), 422, 'validation_failed', 'body');
    assert.match(near, /the nearest is external_id\./);
    refused(
      await send('PUT', '/sessions/sess_1', sessionOf(agentId)),
      422,
      'validation_failed',
      'session_id',
    );
    // A part of a millisecond rounds up, and an offset becomes UTC.
    const exact = await put({ started_at: '2026-11-01T12:00:00.0001+02:00' });
    assert.equal(
      (exact.body as { session: { started_at: string } }).session.started_at,
      '2026-11-01T10:00:00.001Z',
    );
    const uuid = await put({ external_id: 'cc734609-7532-4572-9535-db37ce9582ef' });
    assert.equal(uuid.status, 201);
  });

  await t.test('an agent that nobody could tell by its name is refused', async () => {
    const put = (body: object) => send('PUT', `/agents/${newId('agent')}`, body);
    for (const name of ['', ' ', '\u0000', '\u200b', '\u2800', 'Desk\u202eksed', '\u2067Desk']) {
      const message = refused(await put({ name, policy_name: 'p' }), 422, 'validation_failed', 'name');
      if (name !== '') assert.match(message, /letter, number, punctuation or symbol/);
    }
    assert.equal((await put({ name: '\u0645\u06cc\u200c\u062e', policy_name: ' ' })).status, 201);
  });

  await t.test(
    'an event that makes no entry is refused by position and field, and nothing is stored',
    async () => {
      const id = await openOne(send, agentId);
      const [good] = events(1) as [Event];
      for (const [more, field] of [
        [{ event_id: undefined }, 'event_id'],
        [{ event_id: 'evt_1' }, 'event_id'],
        [{ ts: undefined }, 'ts'],
        [{ ts: 'yesterday' }, 'ts'],
        [{ ts: '2026-02-30T00:00:00Z' }, 'ts'],
        [{ kind: undefined }, 'kind'],
        [{ kind: 5 }, 'kind'],
        [{ kind: 'redaction', pass: undefined }, 'pass'],
        [{ span: [3, 1] }, 'span'],
        [{ confidence: 1.5 }, 'confidence'],
        [{ entity_kind: 'x'.repeat(129) }, 'entity_kind'],
        [{ note: 'ä'.repeat(17_000) }, 'kind'],
        [{ entity_kind: '555-867-5309' }, 'entity_kind'],
        [{ pass: 'john@example.com' }, 'pass'],
        [{ pass: 'x'.repeat(129) }, 'pass'],
        [{ kind: '123-45-6789' }, 'kind'],
        [{ kind: 'x'.repeat(129) }, 'kind'],
        [{ seq: 1 }, 'seq'],
        [{ session_id: id }, 'session_id'],
        [{ agent_id: agentId }, 'agent_id'],
        [{ prev_hash: '0'.repeat(64) }, 'prev_hash'],
        [{ this_hash: '0'.repeat(64) }, 'this_hash'],
      ] as const) {
        const bad = { ...good, event_id: newId('event'), ...more };
        refused(await append(id, [good, bad]), 422, 'validation_failed', `events[1].${field}`);
      }
      refused(await append(id, [good, good]), 422, 'validation_failed', 'events[1].event_id');
      refused(await append(id, []), 422, 'validation_failed', 'events');
      refused(await append(id, events(1001)), 422, 'validation_failed', 'events');
      refused(await append(id, [5 as never]), 422, 'validation_failed', 'events[0]');
      refused(await send('POST', `/sessions/${id}/events`, {}), 422, 'validation_failed', 'events');
      assert.equal((await append(id, [good])).status, 200);
      refused(
        await append(id, [...events(1), { ...good, confidence: 0.01 }]),
        409,
        'event_conflict',
        'events[1].event_id',
      );
      assert.equal(((await append(id, [good])).body as { size: number }).size, 1);
    },
  );

  await t.test(
    'a session takes only so many names of kinds and passes, each of which its row counts',
    async () => {
      const id = await openOne(send, agentId);
      const named = (from: number) =>
        events(990).map((event, i) => ({ ...event, entity_kind: `K${from + i}` }));
      assert.equal((await append(id, named(0))).status, 200);
      assert.equal((await append(id, named(990))).status, 200);
      assert.match(
        refused(await append(id, named(1980)), 422, 'validation_failed', 'events'),
        /2,000 distinct/,
      );
      assert.equal((await append(id, named(0))).status, 200);
      assert.equal((await end(id)).status, 200);
    },
  );

  await t.test('any member and name of an event is kept as data', async () => {
    const id = await openOne(send, agentId);
    const text = JSON.stringify({ events: events(1) }).replace(
      '"kind":',
      '"__proto__":{"seq":1},"constructor":[1e21,"\\u2028"],"kind":',
    );
    const raw = await send('POST', `/sessions/${id}/events`, text, { 'content-type': 'application/json' });
    assert.equal(raw.status, 200, JSON.stringify(raw.body));
    const { entries, verdict } = await checkLog(
      { ...app.deps.writer, db: app.database.db },
      { accountId, id },
    );
    assert.ok(verdict.status === 'verified');
    const [entry] = entries as Record<string, unknown>[];
    assert.deepEqual(Object.getOwnPropertyDescriptor(entry, '__proto__')?.value, { seq: 1 });
    assert.deepEqual(entry?.constructor, [1e21, '\u2028']);
  });

  await t.test('payloads are kept where the policy says so, and refused elsewhere', async () => {
    const payloads = { request: { text: 'hello' }, response: ['x', null] };
    const without = await openOne(send, agentId);
    refused(await end(without, { payloads }), 422, 'validation_failed', 'payloads');
    assert.equal((await send('PUT', '/policies/healthcare-default/2', KEEPING_POLICY)).status, 201);
    const id = await openOne(send, agentId, { policy_version: 2 });
    const ended = await end(id, { payloads });
    assert.equal(ended.status, 200, JSON.stringify(ended.body));
    assert.deepEqual((await end(id, { payloads })).body, ended.body);
    refused(await end(id, { payloads: { request: 'other' } }), 409, 'session_closed', 'payloads');
    assert.deepEqual(await app.deps.sessions.findPayloads(accountId, id), { ...payloads, masked: null });
    // Of several at once one stands, with its own payloads.
    const raced = await openOne(send, agentId, { policy_version: 2 });
    const ends = await Promise.all(
      ['ok', 'error', 'partial'].map((status) => end(raced, { status, payloads: { request: status } })),
    );
    const won = ends.filter(({ status }) => status === 200);
    assert.equal(won.length, 1);
    const winner = await app.deps.sessions.find(accountId, raced);
    const { request } = (await app.deps.sessions.findPayloads(accountId, raced))!;
    assert.equal(request, winner?.status);
    // Those of a refused end do not stand beside one that brought none.
    for (let round = 0; round < 8; round += 1) {
      const session = await openOne(send, agentId, { policy_version: 2 });
      const [kept, bare] = await Promise.all([
        end(session, { status: 'ok', payloads }),
        end(session, { status: 'error' }),
      ]);
      assert.deepEqual([kept.status, bare.status].sort(), [200, 409]);
      const found = await app.deps.sessions.findPayloads(accountId, session);
      assert.deepEqual(found, kept.status === 200 ? { ...payloads, masked: null } : null);
    }
    refused(await end(without, { payloads: { other: 1 } }), 422, 'validation_failed', 'payloads');
  });

  await t.test('payloads and stages that no row of an export could hold are refused', async () => {
    const id = await openOne(send, agentId, { policy_version: 2 });
    // 2.5 MB as they are sent, 11 MB in canonical JSON.
    const numbers = `[${'1e20,'.repeat(500_000)}0]`;
    const stages = `{${Array.from({ length: 300_000 }, (_, i) => `"${i}":1e20`).join()}}`;
    for (const [field, sent] of [
      ['payloads', `"payloads":{"request":${numbers}}`],
      ['stage_durations_ms', `"stage_durations_ms":${stages}`],
    ] as const) {
      const body = `{"ended_at":"2026-11-01T10:00:00Z","status":"ok",${sent}}`;
      const json = { 'content-type': 'application/json' };
      const message = refused(
        await send('POST', `/sessions/${id}/end`, body, json),
        422,
        'validation_failed',
        field,
      );
      assert.match(message, /may have 8323072 bytes together as canonical JSON/);
    }
    assert.equal(await app.deps.sessions.findPayloads(accountId, id), null);
    assert.equal((await end(id, { payloads: { request: 'a'.repeat(4_000_000) } })).status, 200);
  });

  await t.test('a failed log takes nothing more, and is marked', async () => {
    const id = await openOne(send, agentId);
    await append(id, events(5));
    await damageSegment(app.database.db, { accountId, id }, 0, { head_hash: 'f'.repeat(64) });
    assert.match(refused(await append(id, events(1)), 409, 'log_failed'), /altered at entry 4/);
    refused(await end(id), 409, 'log_failed');
    const snapshot = await app.deps.sessions.findSnapshot(accountId, id);
    assert.equal(snapshot?.marks.failed?.fault, 'altered');
  });

  await t.test('another account’s session, agent and policy are none of the writer’s', async () => {
    const other = await app.addTenant('Other');
    const foreign = await openWriter(app, other.accountId);
    const { agentId: foreignAgent } = await prepare(foreign);
    const id = await openOne(send, agentId);
    for (const [method, path, body] of [
      ['POST', `/sessions/${id}/events`, { events: events(1) }],
      ['POST', `/sessions/${newId('session')}/events`, { events: events(1) }],
      ['POST', '/sessions/x/events', { events: events(1) }],
      ['POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok' }],
    ] as const) {
      refused(await foreign(method, path, body), 404, 'session_not_found');
    }
    refused(await foreign('PUT', `/sessions/${id}`, sessionOf(foreignAgent)), 409, 'id_taken');
    refused(await foreign('PUT', `/agents/${agentId}`, { name: 'Mine', policy_name: 'p' }), 409, 'id_taken');
    const mixed = await foreign('PUT', `/sessions/${newId('session')}`, sessionOf(agentId));
    refused(mixed, 422, 'validation_failed', 'agent_id');
    // An external id is unique within an account alone.
    await openOne(send, agentId, { external_id: 'shared' });
    await openOne(foreign, foreignAgent, { external_id: 'shared' });
  });

  await t.test('a policy is refused by line and column, and never replaced', async () => {
    const put = (text: string, path = '/policies/healthcare-default/3') => send('PUT', path, text);
    const third = POLICY_TEXT.replace('version: 1', 'version: 3');
    assert.match(refused(await put('a: [1'), 422, 'validation_failed', 'body'), /line 1, column \d+/);
    const mistaken = third.replace(/action: \w+/, 'action: shout');
    assert.match(
      refused(await put(mistaken), 422, 'validation_failed', 'body'),
      /line \d+, column \d+\): .*action|action.*line/,
    );
    const lineOf = (field: string) =>
      third.split('\n').findIndex((line) => line.startsWith(`${field}: `)) + 1;
    for (const [answer, field] of [
      [await put(POLICY_TEXT), 'version'],
      [await put(third, '/policies/other/3'), 'name'],
    ] as const) {
      const message = refused(answer, 422, 'validation_failed', field);
      const place = `${field} (line ${lineOf(field)}, column 1)`;
      assert.equal(message, `The policy cannot be used: ${place}: must be the ${field} in the path.`);
    }
    refused(await put(third, '/policies/healthcare-default/03'), 422, 'validation_failed', 'version');
    const stored = await put(third.replace('confidence_threshold', 'confidence_treshold'));
    assert.equal(stored.status, 201);
    assert.match(String((stored.body as { warnings: string[] }).warnings), /confidence_threshold/);
    refused(await put(third), 409, 'policy_conflict');
    const long = await put(`${third}#${'x'.repeat(256 * 1024)}`);
    refused(long, 413, 'body_too_large');
  });

  await t.test('a policy name that is not in NFC is taken of none but what is stored already', async () => {
    const [composed, decomposed] = ['f\u00fcr', 'fu\u0308r'] as const;
    const put = (path: string, name: string) =>
      send(
        'PUT',
        `/policies/${encodeURIComponent(path)}/1`,
        POLICY_TEXT.replace('name: healthcare-default', `name: ${name}`),
      );
    for (const path of [composed, decomposed]) {
      const message = refused(await put(path, decomposed), 422, 'validation_failed', 'name');
      assert.match(message, /name \(line \d+, column 1\): must be in Unicode NFC/);
    }
    refused(await put(decomposed, composed), 422, 'validation_failed', 'name');
    assert.equal((await put(composed, composed)).status, 201);
    const id = newId('agent');
    const agent = (name: string) => ({ name: 'Desk', policy_name: name });
    const other = await send('PUT', `/agents/${id}`, agent(decomposed));
    assert.match(refused(other, 422, 'validation_failed', 'policy_name'), /Unicode NFC/);
    assert.equal((await send('PUT', `/agents/${id}`, agent(composed))).status, 201);
    // As an earlier release stored them.
    const text = POLICY_TEXT.replace('name: healthcare-default', `name: ${decomposed}`);
    const sha256Hex = createHash('sha256').update(text).digest('hex');
    await app.deps.policies.insert(accountId, { name: decomposed, version: 1, text, sha256Hex });
    await app.deps.agents.put(accountId, { id, name: 'Desk', policyName: decomposed });
    assert.equal((await put(decomposed, decomposed)).status, 200);
    assert.equal((await send('PUT', `/agents/${id}`, agent(decomposed))).status, 200);
  });

  await t.test('a token with too few scopes, and a cookie without Origin, write nothing', async () => {
    const weak = await openWriter(app, accountId, ['sessions:read']);
    const id = newId('session');
    for (const [method, path, body] of [
      ['PUT', '/policies/p/1', 'a: 1'],
      ['PUT', `/agents/${newId('agent')}`, {}],
      ['PUT', `/sessions/${id}`, {}],
      ['POST', `/sessions/${id}/events`, {}],
      ['POST', `/sessions/${id}/end`, {}],
    ] as const) {
      refused(await weak(method, path, body), 403, 'forbidden');
    }
    const cookie = await app.login(accountId, ['sessions:write']);
    const put = (headers: Record<string, string>) =>
      app.get(`/api/v1/sessions/${id}`, cookie, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(sessionOf(agentId)),
      });
    assert.equal((await put({})).status, 403);
    assert.equal((await put({ origin: 'https://elsewhere.example' })).status, 403);
    assert.equal((await put({ origin: app.url })).status, 201);
  });
});

/** A clinic whose account log is kept, and a writer of it. */
async function createKept(t: TestContext) {
  const app = await startApp(t);
  const keep = await keepLogs(t, app);
  const { accountId } = await app.addTenant('Clinic');
  const send = await openWriter(app, accountId);
  const { agentId } = await prepare(send);
  const { db } = app.database;
  return { app, keep, accountId, send, agentId, db };
}

test('a log that was ended, and put back to an older copy, takes nothing more', async (t) => {
  const { app, keep, accountId, send, agentId, db } = await createKept(t);
  const tables = ['sessions', 'audit_segments'].map((name) => db.collection<{ _id: string }>(name));
  const end = (id: string) =>
    send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok' });
  /** Another process, which has not seen the session. */
  const restart = () => Object.assign(app.deps, createReopenedCheck(app.deps));

  const id = await openOne(send, agentId);
  const sent = events(3);
  await send('POST', `/sessions/${id}/events`, { events: sent.slice(0, 2) });
  const copies = await Promise.all(tables.map((table) => table.findOne({ _id: new RegExp(id) as never })));
  await send('POST', `/sessions/${id}/events`, { events: sent.slice(2) });
  const ended = await end(id);
  assert.equal(ended.status, 200);
  await keep(accountId);
  restart();
  assert.deepEqual((await end(id)).body, ended.body, 'the end that is there is answered as ever');

  for (const [i, table] of tables.entries()) await table.replaceOne({ _id: copies[i]!._id }, copies[i]!);
  restart();
  for (const answer of [await send('POST', `/sessions/${id}/events`, { events: events(1) }), await end(id)]) {
    const { status, code, message } = errorOf(answer);
    assert.deepEqual([status, code], [409, 'log_failed']);
    assert.match(message, /an older copy of its log was put back/);
  }
  for (const [i, table] of tables.entries()) {
    const row = await table.findOne({ _id: copies[i]!._id });
    const { log_failed: mark, ...rest } = row as Record<string, unknown>;
    assert.deepEqual(rest, copies[i], 'nothing was written but the mark');
    if (i === 0) assert.equal((mark as { fault: string }).fault, 'seal_missing');
  }
  const page = (await send('GET', `/sessions/${id}`)).body as { session: { log_verdict: string } };
  assert.equal(page.session.log_verdict, 'seal_missing');
});

test('the process that sealed a log takes no more of it, whether or not the account log has it', async (t) => {
  const { keep, accountId, send, agentId, db } = await createKept(t);
  for (const isKept of [false, true]) {
    const id = await openOne(send, agentId);
    await send('POST', `/sessions/${id}/events`, { events: events(3) });
    const tables = ['sessions', 'audit_segments'].map((name) => db.collection<{ _id: string }>(name));
    const copies = await Promise.all(tables.map((table) => table.findOne({ _id: new RegExp(id) as never })));
    const end = () => send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok' });
    const ended = await end();
    if (isKept) await keep(accountId);
    assert.deepEqual((await end()).body, ended.body, 'the end that is there is answered as ever');
    for (const [i, table] of tables.entries()) await table.replaceOne({ _id: copies[i]!._id }, copies[i]!);
    for (const answer of [await send('POST', `/sessions/${id}/events`, { events: events(1) }), await end()]) {
      const { status, code } = errorOf(answer);
      assert.deepEqual([status, code], [409, 'log_failed']);
    }
    const row = (await tables[0]!.findOne({ _id: id })) as unknown as { log_failed?: { fault: string } };
    assert.equal(row.log_failed?.fault, 'seal_missing');
    for (const table of tables) await table.deleteMany({ _id: new RegExp(id) as never });
    const again = errorOf(await send('PUT', `/sessions/${id}`, sessionOf(agentId)));
    assert.deepEqual([again.status, again.code], [409, 'session_closed']);
  }
});

test('the id of a session that was ended, and deleted with its log, is not free', async (t) => {
  const { app, keep, accountId, send, agentId, db } = await createKept(t);
  const id = await openOne(send, agentId);
  await send('POST', `/sessions/${id}/events`, { events: events(2) });
  await send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok' });
  await keep(accountId);
  for (const name of ['sessions', 'audit_segments']) {
    await db.collection(name).deleteMany({ _id: new RegExp(id) as never });
  }
  Object.assign(app.deps, createReopenedCheck(app.deps));
  // What was asked of the missing session says nothing of the next one under its id.
  const sent = await send('POST', `/sessions/${id}/events`, { events: events(1) });
  assert.deepEqual([sent.status, errorOf(sent).code], [404, 'session_not_found']);
  const opened = await send('PUT', `/sessions/${id}`, sessionOf(agentId));
  const { status, code, message } = errorOf(opened);
  assert.deepEqual([status, code], [409, 'session_closed']);
  assert.match(message, /was ended and sealed: open the next one under a new id/);
  assert.equal(await db.collection('sessions').countDocuments({ _id: id as never }), 0);
});

test('an open log that is shorter than a report saw it takes nothing more, and its id is not free', async (t) => {
  const { app, keep, accountId, send, agentId, db } = await createKept(t);
  const tables = ['sessions', 'audit_segments'].map((name) => db.collection<{ _id: string }>(name));
  const restart = () => Object.assign(app.deps, createReopenedCheck(app.deps));
  const id = await openOne(send, agentId);
  const sent = events(4);
  const append = (some: unknown[]) => send('POST', `/sessions/${id}/events`, { events: some });
  await append(sent.slice(0, 2));
  const copies = await Promise.all(tables.map((table) => table.findOne({ _id: new RegExp(id) as never })));
  await append(sent.slice(2, 3));
  assert.equal((await send('GET', `/sessions/${id}/report`)).status, 200);
  await keep(accountId);
  restart();
  assert.equal((await append(sent.slice(3))).status, 200, 'a log that grew since goes on');
  await db.collection('reports').deleteMany({ session_id: id });
  for (const [i, table] of tables.entries()) await table.replaceOne({ _id: copies[i]!._id }, copies[i]!);
  restart();
  for (const answer of [
    await append(events(1)),
    await append(events(1)),
    await send('POST', `/sessions/${id}/end`, { ended_at: '2026-11-01T10:00:00Z', status: 'ok' }),
  ]) {
    const { status, code, message } = errorOf(answer);
    assert.deepEqual([status, code], [409, 'log_failed']);
    assert.match(message, /A report saw more events of the session than its log has/);
  }
  const page = (await send('GET', `/sessions/${id}`)).body as { session: { log_verdict: string } };
  assert.equal(page.session.log_verdict, 'truncated');
  for (const table of tables) await table.deleteMany({ _id: new RegExp(id) as never });
  restart();
  const { status, code, message } = errorOf(await send('PUT', `/sessions/${id}`, sessionOf(agentId)));
  assert.deepEqual([status, code], [409, 'log_failed']);
  assert.match(message, /A report was issued on a session of this id/);
});

test('the account log is asked once for a session in a minute, and not for each batch', async () => {
  let asked = 0;
  const placesOf = async () => {
    asked += 1;
    return { closed: [], reported: null };
  };
  const reader = { placesOf, entryTexts: async () => [] };
  let nowMs = 0;
  const { refuseReopened: check } = createReopenedCheck({ accountLog: { reader } } as never, () => nowMs);
  const id = newId('session');
  for (let i = 0; i < 5; i += 1) await check('acc', id);
  assert.equal(asked, 1);
  nowMs = 61_000;
  await check('acc', id);
  assert.equal(asked, 2);
});
