import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessResponse } from '../../../api/routes/access/schema.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { accessEvent, storedAccess, writeAccess } from '../../support/access-rows.ts';
import { assertError } from '../../support/answers.ts';
import { startApp } from '../../support/start-app.ts';

const PATH = '/api/v1/access-log';

test('GET /access-log', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie: tenant } = await app.addTenant('Clinic');
  const reader = await app.login(accountId, ['access:read']);
  const { db } = app.database;
  const list = async (query = '', by = reader) => {
    const response = await app.get(`${PATH}${query}`, by);
    assert.equal(response.status, 200);
    return accessResponse.parse(await response.json());
  };
  const user = newId('user');
  const token = newId('token');
  const subject = newId('session');
  const ago = (ms: number) => new Date(Date.now() - ms);
  const events = Array.from({ length: 30 }, (_, i) => accessEvent(i, { at: ago((40 - i) * 60_000) }));
  events[3] = accessEvent(3, { at: ago(37 * 60_000), user });
  events[4] = accessEvent(4, { at: ago(36 * 60_000), user: null, token, action: 'proof.read' });
  events[5] = accessEvent(5, { at: ago(35 * 60_000), subject });
  const old = accessEvent(0, { at: ago(30 * DAY_MS), subject });
  await writeAccess(db, [old, ...events], { accountId });

  await t.test('401 without a login, 403 without access:read', async () => {
    await assertError(await app.get(PATH), 401, 'unauthenticated');
    await assertError(await app.get(PATH, tenant), 403, 'forbidden');
  });

  await t.test('422 for what is not a filter, or not its form', async () => {
    for (const [query, param] of [
      ['limit=0', 'limit'],
      ['action=session.look', 'action'],
      ['user=ada', 'user'],
      ['token=tok_', 'token'],
      ['subject=', 'subject'],
      [`subject=${'x'.repeat(201)}`, 'subject'],
      ['format=xml', 'format'],
      ['cursor=eyJ', 'cursor'],
      ['format=csv&limit=1', 'limit'],
      ['actoin=proof.read', 'action'],
      // Resembles no name that is taken.
      ['user[$ne]=x', undefined],
    ] as const) {
      await assertError(await app.get(`${PATH}?${query}`, reader), 422, 'validation_failed', param);
    }
  });

  await t.test('rows come newest first, page after page, and the last page has no cursor', async () => {
    const seqs: number[] = [];
    let query = '?limit=12';
    for (;;) {
      const { data, next_cursor } = await list(query);
      seqs.push(...data.map(({ seq }) => seq));
      if (next_cursor === null) break;
      query = `?limit=12&cursor=${next_cursor}`;
    }
    assert.deepEqual(
      seqs,
      Array.from({ length: 30 }, (_, i) => 30 - i),
    );
  });

  await t.test('filters, the window, and a cursor that keeps both', async () => {
    const seqsOf = async (query: string) => (await list(query)).data.map(({ seq }) => seq);
    assert.deepEqual(await seqsOf(`?user=${user}`), [4]);
    assert.deepEqual(await seqsOf(`?token=${token}`), [5]);
    assert.deepEqual(await seqsOf('?action=proof.read'), [5]);
    assert.deepEqual(await seqsOf(`?subject=${subject}`), [6]);
    assert.deepEqual(await seqsOf(`?subject=${subject}&since=90d`), [6, 0]);
    assert.deepEqual(await seqsOf(`?since=90d&until=${ago(DAY_MS).toISOString()}`), [0]);
    const { next_cursor } = await list('?action=session.view&limit=5');
    assert.equal((await list(`?cursor=${next_cursor}`)).data.length, 24);
    const other = await app.get(`${PATH}?action=proof.read&cursor=${next_cursor}`, reader);
    await assertError(other, 422, 'validation_failed', 'cursor');
  });

  await t.test('another account sees none of it, nor takes its cursor', async () => {
    const other = await app.addTenant('Other');
    const by = await app.login(other.accountId, ['access:read']);
    assert.deepEqual(await list('', by), { data: [], next_cursor: null });
    const { next_cursor } = await list('?limit=1');
    await assertError(await app.get(`${PATH}?cursor=${next_cursor}`, by), 422, 'validation_failed', 'cursor');
  });

  await t.test('rows that are not as they were stored are passed over', async () => {
    const rows = storedAccess(db);
    const { _id, ...row } = (await rows.findOne({ account: accountId, seq: 9 }))!;
    await rows.insertMany([
      { ...row, _id: `${accountId}/more` },
      { ...row, _id: `${newId('account')}/0000000000000009` },
    ]);
    await rows.updateOne({ _id }, { $set: { user: { $ne: 1 } } } as object);
    assert.equal((await list('?limit=100')).data.length, 29);
    await rows.updateOne({ _id }, { $set: { user: row.user } });
  });

  await t.test('a row that is unsigned, altered or under another key is marked', async () => {
    const other = await app.addTenant('Doubts');
    const by = await app.login(other.accountId, ['access:read']);
    const at = ago(HOUR_MS);
    const written = { accountId: other.accountId };
    const signed = [accessEvent(0, { at }), accessEvent(1, { at })];
    await writeAccess(db, signed, { ...written, keys: app.config.auditKeys });
    await writeAccess(db, [accessEvent(2, { at })], written);
    await writeAccess(db, [accessEvent(3, { at })], { ...written, keys: [] });
    await storedAccess(db).updateOne({ account: other.accountId, seq: 1 }, { $set: { subject: subject } });
    const { data } = await list('', by);
    assert.deepEqual(
      data.map(({ signature }) => signature),
      ['none', 'unknown', 'false', 'valid'],
    );
    const page = await (await app.get('/access', by)).text();
    for (const word of ['unsigned', 'key unknown', 'altered']) assert.ok(page.includes(word), word);
  });

  await t.test('CSV has every row, under a header that stays', async () => {
    for (const init of [{}, { headers: { accept: 'text/csv' } }]) {
      // A CSV adds a row itself.
      const json = await list('?limit=100');
      const query = 'headers' in init ? '' : '?format=csv';
      const response = await app.get(`${PATH}${query}`, reader, init);
      assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.equal(response.headers.get('content-disposition'), 'attachment; filename="access-log.csv"');
      assert.match(response.headers.get('vary') ?? '', /Accept/);
      const [header, ...lines] = (await response.text()).split('\r\n');
      assert.equal(
        header,
        'seq,at,user,token,account,action,subject,request_id,address,key_id,key_check,prev_hash,this_hash,signature',
      );
      assert.equal(lines.pop(), '');
      assert.deepEqual(
        lines.map((line) => line.split(',')),
        json.data.map((row) => Object.values(row).map((value) => `${value ?? ''}`)),
      );
    }
    for (const accept of ['*/*', 'application/json, text/csv', 'text/html']) {
      const response = await app.get(PATH, reader, { headers: { accept } });
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    }
    const explicit = await app.get(`${PATH}?format=json`, reader, { headers: { accept: 'text/csv' } });
    assert.match(explicit.headers.get('content-type') ?? '', /^application\/json/);
  });

  await t.test('a cell that a spreadsheet would run begins with an apostrophe', async () => {
    const other = await app.addTenant('Formulas');
    const by = await app.login(other.accountId, ['access:read']);
    const formulas = ['=1+1', '+1', '-1', '@x', '\t=1', 'a"b,c'];
    const made = formulas.map((text, i) => accessEvent(i, { at: ago(HOUR_MS - i), subject: text }));
    await writeAccess(db, made, { accountId: other.accountId });
    const text = await (await app.get(`${PATH}?format=csv`, by)).text();
    for (const formula of ["'=1+1", "'+1", "'-1", "'@x", "'\t=1"])
      assert.ok(text.includes(`,${formula},`), formula);
    assert.ok(text.includes(',"a""b,c",'));
  });

  await t.test('more rows than are read at once come whole and in order', async () => {
    const other = await app.addTenant('Long');
    const by = await app.login(other.accountId, ['access:read']);
    const made = Array.from({ length: 1203 }, () => accessEvent(0, { at: ago(HOUR_MS) }));
    await writeAccess(db, made, { accountId: other.accountId });
    const lines = (await (await app.get(`${PATH}?format=csv`, by)).text()).trimEnd().split('\r\n').slice(1);
    assert.deepEqual(
      lines.map((line) => Number.parseInt(line, 10)),
      made.map((_, i) => 1202 - i),
    );
  });

  await t.test('HEAD has the headers of a CSV and no rows', async () => {
    const response = await app.get(`${PATH}?format=csv`, reader, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  });
});
