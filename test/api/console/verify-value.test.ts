// Looking up a value: what it is, whether it is ours, what the account log says, and what a walk finds.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { REPORTS } from '../../../shared/reports/report-row.ts';
import { presentTime } from '../../../shared/time/present-time.ts';
import { LOG_HEADS, LOG_SEGMENTS } from '../../../shared/transparency/log-rows.ts';
import { assertLeadsTo, getPage, type ShownPage } from '../../support/console.ts';
import { damageRow } from '../../support/damage-rows.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { keepLogs } from '../../support/logged-app.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../support/logs.ts';
import { textsOf } from '../../support/page-figures.ts';
import { markEnd } from '../../support/pipeline-world.ts';
import { startApp } from '../../support/start-app.ts';

async function startLogged(t: TestContext) {
  const app = await startApp(t);
  const keep = await keepLogs(t, app);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const { db } = app.database;
  return {
    app,
    tenant,
    accountId,
    cookie,
    reports: db.collection<{ _id: string }>(REPORTS),
    sessions: db.collection<{ _id: string }>('sessions'),
    keep: () => keep(accountId),
    look: (value: string, as = cookie) => getPage(app, `/verify?${new URLSearchParams({ value })}`, as),
    addSession: () => addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] }),
    /** Issues a report on a session; its bytes, and its row. */
    async issue(sessionId: string, format: 'json' | 'pdf' = 'json') {
      const response = await app.get(`/api/v1/sessions/${sessionId}/report?format=${format}`, cookie);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.equal(response.status, 200, bytes.toString());
      const [row] = await app.deps.ledger.list(accountId, { after: null, limit: 1 });
      assert.ok(row);
      return { bytes, row };
    },
  };
}

/** Each thing that has the value: its heading, and what sums it up. */
const cardsOf = (page: ShownPage) =>
  textsOf(page.document, '#lookup h3').map((title, i) => [
    title,
    textsOf(page.document, '#lookup .notice strong')[i] ?? '',
  ]);
const toneOf = (page: ShownPage) =>
  [...page.document.querySelectorAll('#lookup .notice')].map((card) => card.className);

const GOOD = 'Ours, and everything still says so.';
const BAD = 'Do not rely on it: see what is wrong.';
const CHANGED = 'Ours by the signed log: the database was changed since.';
const DOUBT = 'Ours as far as it could be checked: see what could not.';

test('the page checks login and permission before the value', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('Clinic');
  assertLeadsTo(await app.get('/verify?value=x', null, { redirect: 'manual' }), /^\/sign-in\?next=/);
  const weak = await app.login(accountId, ['sessions:read', 'reports:read']);
  assert.equal((await app.get('/verify?value=x', weak)).status, 403);
});

test('what is no value is 422, and stands in the form as text', async (t) => {
  const { look, app, cookie } = await startLogged(t);
  const long = 'f'.repeat(8_000);
  for (const value of [
    'x',
    'f'.repeat(63),
    long,
    newId('agent'),
    ...HOSTILE_TEXTS.filter((_, i) => i % 9 === 0),
  ]) {
    const page = await look(value);
    assert.equal(page.status, 422, value);
    assert.match(page.text, /This is no root, digest or id/);
    assert.equal(page.document.querySelectorAll('#lookup form input').length, 1);
  }
  assert.equal((await getPage(app, '/verify?value=a&value=b', cookie)).status, 422);
  const head = await app.get(`/verify?value=${'0'.repeat(64)}`, cookie, { method: 'HEAD' });
  assert.equal(head.status, 200);
  const empty = await getPage(app, '/verify?value=', cookie);
  assert.equal(empty.status, 200);
  assert.equal(cardsOf(empty).length, 0);
});

test('a value of another account is answered as one that nobody has', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const other = await world.app.addTenant('Other');
  const answers = new Set<string>();
  for (const value of [
    ...['0'.repeat(64), newId('report'), newId('session')],
    ...[session.merkleRootHex ?? '', session.id, row.id, row.jsonSha256Hex],
  ]) {
    const page = await world.look(value, other.cookie);
    assert.equal(page.status, 200);
    answers.add(page.document.querySelector('#lookup .notice')?.outerHTML ?? '');
  }
  assert.equal(answers.size, 1);
  assert.match([...answers].join(), /Nothing of this account has this value/);
});

test('ids, digests and roots of what was issued are ours, and everything still says so', async (t) => {
  const world = await startLogged(t);
  const { look } = world;
  const session = await world.addSession();
  await world.keep();
  const { bytes, row } = await world.issue(session.id);
  await world.keep();
  const root = session.merkleRootHex ?? '';
  const sha256 = hash('sha256', bytes, 'hex');
  assert.equal(sha256, row.jsonSha256Hex);

  for (const value of [
    sha256,
    sha256.toUpperCase(),
    ` ${sha256}\n`,
    Buffer.from(sha256, 'hex').toString('base64'),
  ]) {
    assert.deepEqual(cardsOf(await look(value)), [['The JSON of a report of this account', GOOD]], value);
  }
  const byId = await look(row.id);
  assert.deepEqual(cardsOf(byId), [['A report of this account', GOOD]]);
  assert.match(byId.text, new RegExp(`About Session ${session.id} .*signed by this account’s key`));
  assert.match(byId.text, /Account log says so entry \d+, proven under the checkpoint of \d+ entries/);
  assert.match(byId.text, /Walked now verified/);
  assert.deepEqual(cardsOf(await look(session.id)), [['A session of this account', GOOD]]);
  assert.deepEqual(cardsOf(await look(root)), [
    ['The stored root of a session of this account', GOOD],
    ['The root that a report of this account states', GOOD],
  ]);
});

test('what is not logged yet is in doubt', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  for (const value of [session.id, row.id]) {
    const page = await world.look(value);
    assert.equal(cardsOf(page)[0]?.[1], DOUBT);
    assert.match(page.text, /Account log not logged/);
  }
});

test('a report that was never issued is not ours by its ledger row', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const genuine = await world.reports.findOne({ _id: row.id });
  const invented = { ...genuine, _id: newId('report'), json_sha256: '5a'.repeat(32) };
  const forge = async (changes: object) => {
    await world.reports.deleteMany({ json_sha256: invented.json_sha256 } as object);
    await world.reports.insertOne({ ...invented, ...changes });
    return await world.look(invented.json_sha256);
  };

  const unproven = 'The ledger names it as the JSON of a report of this account, unproven';
  const copied = await forge({});
  assert.deepEqual(cardsOf(copied), [[unproven, BAD]]);
  assert.match(copied.text, /Statement wrong .*Account log says something else/);
  const unsigned = await forge({ statement: null, log_index: null });
  const sum = 'Not proven to be ours: nothing signed says that this JSON was issued.';
  assert.deepEqual(cardsOf(unsigned), [[unproven, sum]]);
  assert.match(unsigned.text, /Statement none .*somebody else wrote.*Account log not logged/);
  for (const index of [0, 999_999, -1, 2 ** 60]) {
    const page = await forge({ log_index: index });
    assert.equal(cardsOf(page)[0]?.[1], BAD, String(index));
  }
});

test('a row of the ledger that nobody signed is not proven to be ours, whatever time it states', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const genuine = await world.reports.findOne({ _id: row.id });
  const { statement, entry_statement, log_index, log_due, ...bare } = genuine as Record<string, unknown>;
  const { format, ...ofBeforeFormats } = bare;
  for (const fields of [
    bare,
    ofBeforeFormats,
    { ...ofBeforeFormats, generated_at: new Date('2020-01-01T00:00:00Z') },
    { ...bare, entry_statement, log_due },
    { ...bare, statement, log_due },
  ]) {
    const digests = { json_sha256: '5a'.repeat(32), root_hex: '6b'.repeat(32) };
    const invented = { ...fields, ...digests, _id: newId('report') };
    await world.reports.insertOne(invented);
    for (const [value, title, what] of [
      [invented._id, 'a report', 'this report was issued'],
      [digests.json_sha256, 'the JSON of a report', 'this JSON was issued'],
      [digests.root_hex, 'the root of a report', 'a report stated this root'],
    ] as const) {
      const [card] = cardsOf(await world.look(value));
      assert.equal(card?.[0], `The ledger names it as ${title} of this account, unproven`);
      const sum = `Not proven to be ours: nothing signed says that ${what}.`;
      assert.equal(card?.[1], 'statement' in fields ? BAD : sum);
    }
    await world.reports.deleteOne({ _id: invented._id });
  }

  const { bytes } = await world.issue(session.id);
  const recent = hash('sha256', bytes, 'hex');
  assert.deepEqual(cardsOf(await world.look(recent)), [['The JSON of a report of this account', DOUBT]]);
  await world.reports.updateOne({ json_sha256: recent } as object, { $set: { root_hex: '6b'.repeat(32) } });
  const [moved] = cardsOf(await world.look('6b'.repeat(32)));
  assert.equal(moved?.[1], 'Not proven to be ours: nothing signed says that a report stated this root.');
});

test('the report that has a value is found behind any number of rows that somebody put there', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { bytes, row } = await world.issue(session.id, 'pdf');
  await world.keep();
  const digest = hash('sha256', bytes, 'hex');
  const genuine = (await world.reports.findOne({ _id: row.id })) as Record<string, unknown> & { _id: string };
  const { jsonSha256Hex: json, rootHex: root } = row;
  const later = new Date(Date.now() + 60_000);
  await world.reports.deleteOne({ _id: row.id });
  const odd = { account_id: world.accountId, pdf_sha256: digest, json_sha256: json, root_hex: root };
  await world.reports.insertMany(Array.from({ length: 9 }, (_, i) => ({ ...odd, _id: `!odd${i}` })));
  await world.reports.insertOne(genuine);
  for (const value of [digest, json, root]) {
    const cards = textsOf((await world.look(value)).document, '#lookup h3');
    assert.ok(
      cards.some((title) => / report of this account/.test(title)),
      value,
    );
  }

  await world.reports.deleteOne({ _id: row.id });
  const forged = Array.from({ length: 9 }, () => ({
    ...{ ...genuine, generated_at: later },
    _id: newId('report'),
  }));
  await world.reports.insertMany(forged);
  await world.reports.insertOne(genuine);
  for (const [value, title] of [
    [digest, 'The PDF of a report of this account'],
    [json, 'The JSON of a report of this account'],
    [root, 'The root that a report of this account states'],
  ] as const) {
    const page = await world.look(value);
    const [first] = cardsOf(page).filter(([each]) => / report /.test(each ?? ''));
    assert.deepEqual(first, [title, GOOD]);
    assert.match(page.text, new RegExp(`Report ${row.id}`));
  }
});

test('a session that has a root is found behind any number of rows whose id no session has', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  await world.keep();
  const genuine = (await world.sessions.findOne({ _id: session.id })) as Record<string, unknown> & {
    _id: string;
  };
  await world.sessions.deleteOne({ _id: session.id });
  const odd = { account_id: world.accountId, merkle_root_hex: session.merkleRootHex };
  await world.sessions.insertMany(Array.from({ length: 9 }, (_, i) => ({ ...odd, _id: `!odd${i}` })));
  await world.sessions.insertOne(genuine);
  const page = await world.look(session.merkleRootHex ?? '');
  assert.deepEqual(cardsOf(page), [['The stored root of a session of this account', GOOD]]);
});

test('what the account log has of a report comes before what a row says that nothing signed bears out', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const genuine = (await world.reports.findOne({ _id: row.id })) as Record<string, unknown> & { _id: string };
  const { statement, entry_statement, log_index, log_due, ...bare } = genuine;

  // Nothing but the index was lost: the log is found by the report's id.
  await world.reports.replaceOne({ _id: row.id }, bare);
  for (const value of [row.id, row.jsonSha256Hex, row.rootHex]) {
    const page = await world.look(value);
    assert.match(page.text, new RegExp(`Statement none .*Account log says so entry ${log_index}, proven`));
    assert.doesNotMatch(page.text, /Not proven|nothing signed|not logged/);
  }

  await world.reports.replaceOne({ _id: row.id }, { ...bare, json_sha256: '5a'.repeat(32) });
  const changed = await world.look(row.id);
  assert.deepEqual(cardsOf(changed), [
    ['The account log has it', CHANGED],
    ['The ledger names it as a report of this account, unproven', BAD],
  ]);
  assert.match(changed.text, new RegExp(`Account log says something else entry ${log_index}, proven`));

  await world.reports.deleteOne({ _id: row.id });
  await world.reports.insertOne({ ...bare, _id: newId('report') });
  const beside = await world.look(row.jsonSha256Hex);
  assert.deepEqual(cardsOf(beside), [
    ['The account log has it', CHANGED],
    [
      'The ledger names it as the JSON of a report of this account, unproven',
      'Nothing signed bears out this row: rely on what the log says above.',
    ],
  ]);
  assert.match(beside.text, new RegExp(`the report ${row.id} was issued .*Database gone`));
});

test('a session whose row names no entry is held against the entry that the account log has of it', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  await world.keep();
  await world.sessions.updateOne({ _id: session.id }, { $unset: { log_index: '' } });
  const same = await world.look(session.id);
  assert.deepEqual(cardsOf(same), [['A session of this account', GOOD]]);
  assert.match(same.text, /Account log says so entry \d+, proven/);
  await world.sessions.updateOne({ _id: session.id }, { $set: { merkle_root_hex: '7c'.repeat(32) } });
  const [changed] = cardsOf(await world.look(session.id));
  assert.deepEqual(changed, ['The account log has it', CHANGED]);
});

test('a report is told as the log has it, where its row names another session, another time and no entry', async (t) => {
  const world = await startLogged(t);
  const [session, other] = [await world.addSession(), await world.addSession()];
  const { bytes, row } = await world.issue(session.id, 'pdf');
  await world.keep();
  const { log_index: index } = (await world.reports.findOne({ _id: row.id })) as Record<string, unknown>;
  const moved = {
    since: other.startedAt,
    until: other.endedAt,
    generated_at: new Date('2026-01-02T03:04:05Z'),
  };
  const set = { session_id: other.id, ...moved };
  for (const change of [{ $set: set, $unset: { log_index: '' } }, { $set: { ...set, log_index: 0 } }]) {
    await world.reports.updateOne({ _id: row.id }, change as object);
    for (const value of [row.id, row.jsonSha256Hex, hash('sha256', bytes, 'hex')]) {
      const page = await world.look(value);
      assert.match(page.text, new RegExp(`Account log says something else entry ${index}, proven`));
      assert.match(page.text, new RegExp(`About Session ${session.id} Statement of another time`));
      assert.doesNotMatch(page.text, new RegExp(`${other.id}|issued (2 )?Jan`));
      assert.equal(cardsOf(page)[0]?.[1], BAD);
    }
  }
});

test('a row that names the entry of something else is held against the entry that the log has', async (t) => {
  const world = await startLogged(t);
  const [session, other] = [await world.addSession(), await world.addSession()];
  const { row } = await world.issue(session.id);
  await world.keep();
  const indexOf = async (rows: typeof world.reports, id: string) =>
    ((await rows.findOne({ _id: id })) as Record<string, unknown> | null)?.log_index;
  const [ofReport, ofSession] = [
    await indexOf(world.reports, row.id),
    await indexOf(world.sessions, session.id),
  ];
  const set = { $set: { log_index: await indexOf(world.sessions, other.id) } } as object;
  await world.reports.updateOne({ _id: row.id }, set);
  await world.sessions.updateOne({ _id: session.id }, set);
  for (const [value, index] of [
    ...[row.id, row.jsonSha256Hex].map((each) => [each, ofReport] as const),
    [session.id, ofSession],
  ]) {
    const page = await world.look(String(value));
    assert.match(page.text, new RegExp(`Account log says so entry ${index}, proven`));
    assert.equal(cardsOf(page)[0]?.[1], GOOD);
  }
});

test('what nothing signed says of a report is told as the word of its row', async (t) => {
  const world = await startLogged(t);
  const [session, other] = [await world.addSession(), await world.addSession()];
  const { row } = await world.issue(session.id);
  const set = { session_id: other.id, generated_at: new Date('2026-01-02T03:04:05Z') };
  const moved = await world.look(row.id);
  assert.doesNotMatch(moved.text, /row alone says/);
  await world.reports.updateOne({ _id: row.id }, { $set: set });
  const page = await world.look(row.id);
  assert.match(page.text, new RegExp(`About Session ${other.id} ?, as the ledger’s row alone says`));
  assert.match(page.text, /Statement of another time/);
  assert.doesNotMatch(page.text, /issued (2 )?Jan/);
  await world.reports.updateOne({ _id: row.id }, { $unset: { statement: '' } });
  assert.match((await world.look(row.id)).text, /issued [^.]*, as the ledger’s row alone says About/);
});

test('a session that was closed is not called open by its row', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  await world.keep();
  const open = { ended_at: null, status: null, merkle_root_hex: null, 'log.seal': null };
  await world.sessions.updateOne({ _id: session.id }, { $set: open, $unset: { log_index: '' } } as object);
  const page = await world.look(session.id);
  assert.match(page.text, /Account log says something else/);
  assert.equal(cardsOf(page)[0]?.[0], 'The account log has it');
  assert.doesNotMatch(page.text, /not yet: a session is logged once it has ended/);
});

test('a session is not said to have a later entry by its row alone', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  await world.keep();
  const set = { merkle_root_hex: '7c'.repeat(32), log_index: 999 };
  await world.sessions.updateOne({ _id: session.id }, { $set: set } as object);
  const page = await world.look(session.merkleRootHex ?? '');
  assert.match(page.text, /Database says something else/);
});

test('a changed row contradicts the log, whichever of its facts was changed', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const changes = {
    ...{ agent_id: newId('agent'), since: new Date(0), until: new Date(0), size: 99 },
    ...{ generated_at: new Date(0), json_sha256: '5a'.repeat(32), format: 'pdf', root_hex: '5a'.repeat(32) },
  };
  const genuine = await world.reports.findOne({ _id: row.id });
  for (const [name, value] of Object.entries(changes)) {
    await world.reports.replaceOne({ _id: row.id }, { ...genuine, [name]: value });
    const page = await world.look(row.id);
    // The statement is over the JSON: where that was changed, nothing signed bears the row out, and the log is asked.
    const sums = name === 'json_sha256' ? [CHANGED, BAD] : [BAD];
    assert.deepEqual(
      cardsOf(page).map(([, sum]) => sum),
      sums,
      name,
    );
    assert.match(page.text, /says something else/, name);
  }
});

test('the digest of a PDF is ours only under a statement over it, by whoever wrote it into the ledger', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const [digest, forged] = ['5a'.repeat(32), '6b'.repeat(32)];
  const generatedAt = presentTime(row.generatedAt);
  const stated = { subject: 'pdf', reportId: row.id, sha256Hex: digest, generatedAt } as const;
  const statement = await world.app.deps.signStatement(world.accountId, stated);
  const lookAs = async (value: string, fields: object) => {
    await world.reports.updateOne({ _id: row.id }, { $set: { pdf_sha256: value, ...fields } });
    return await world.look(value);
  };
  const unproven = 'The ledger names it as the PDF of a report of this account, unproven';

  const unsigned = await lookAs(forged, {});
  const sum = 'Not proven to be ours: nothing signed says that this PDF was issued.';
  assert.deepEqual(cardsOf(unsigned), [[unproven, sum]]);
  assert.match(unsigned.text, /The PDF not signed .*whoever writes to the database can put any digest here/);
  for (const pdf_statement of [statement, row.statement, 'x', '']) {
    const page = await lookAs(forged, { pdf_statement });
    assert.deepEqual(cardsOf(page), [[unproven, BAD]]);
    assert.match(page.text, /The PDF wrong .*not signed by this account’s key over this digest/);
    assert.match((await world.look(row.id)).text, /The PDF wrong/);
  }
  const signed = await lookAs(digest, { pdf_statement: statement });
  assert.deepEqual(cardsOf(signed), [['The PDF of a report of this account', GOOD]]);
  assert.match(signed.text, /The PDF signed by this account’s key, over exactly this PDF/);
});

test('the digest of a CSV is named as the CSV of its report, signed or unproven', async (t) => {
  const world = await startLogged(t);
  await world.addSession();
  await world.keep();
  const answer = await world.app.get('/api/v1/reports?since=7d&format=csv', world.cookie);
  assert.equal(answer.status, 200);
  const digest = hash('sha256', Buffer.from(await answer.arrayBuffer()), 'hex');
  await world.keep();
  const [row] = JSON.parse(await (await world.app.get('/api/v1/reports/ledger', world.cookie)).text()).data;
  assert.deepEqual([row.csv_sha256, row.pdf_sha256], [digest, null]);

  const signed = await world.look(digest);
  assert.deepEqual(cardsOf(signed), [['The CSV of a report of this account', DOUBT]]);
  assert.match(signed.text, new RegExp(`Report ${row.id}.*The CSV signed .*over exactly this CSV`));
  const lookAs = async (fields: object) => {
    await world.reports.updateOne({ _id: row.id }, { $set: fields });
    return await world.look('6b'.repeat(32));
  };
  const unproven = 'The ledger names it as the CSV of a report of this account, unproven';
  assert.deepEqual(cardsOf(await lookAs({ csv_sha256: '6b'.repeat(32) })), [[unproven, BAD]]);
  const sum = 'Not proven to be ours: nothing signed says that this CSV was issued.';
  assert.deepEqual(cardsOf(await lookAs({ csv_statement: null })), [[unproven, sum]]);
});

test('a changed log, a changed session row and a log that lost entries are each told', async (t) => {
  const world = await startLogged(t);
  const { look, app } = world;
  const [altered, moved, swapped] = [
    await world.addSession(),
    await world.addSession(),
    await world.addSession(),
  ];
  await world.keep();

  await damageEntry(app, altered, 1);
  const page = await look(altered.id);
  assert.equal(cardsOf(page)[0]?.[1], BAD);
  assert.match(page.text, /Walked now failed: altered .*Open the session/);
  const found = await app.deps.sessions.findSnapshot(world.accountId, altered.id);
  assert.equal(found?.marks.failed?.fault, 'altered');

  await world.sessions.updateOne({ _id: moved.id }, { $set: { merkle_root_hex: '7c'.repeat(32) } });
  const elsewhere = await look('7c'.repeat(32));
  assert.deepEqual(toneOf(elsewhere), ['notice bad']);
  assert.match(elsewhere.text, /Account log says something else .*Walked now failed/);

  const index = (await app.deps.sessions.find(world.accountId, altered.id))?.logIndex;
  await world.sessions.updateOne({ _id: swapped.id }, { $set: { log_index: index } } as object);

  const segments = app.database.db.collection<{ _id: string }>(LOG_SEGMENTS);
  const segment = await segments.findOne({ _id: `${world.accountId}/0` });
  for (const damaged of [{ entries: ['{}'] }, { entries: [] }, { entries: null }, { packed: 'x' }]) {
    await segments.replaceOne({ _id: `${world.accountId}/0` }, { ...segment, ...damaged });
    const lost = await look(swapped.id);
    assert.equal(lost.status, 200, JSON.stringify(damaged));
    assert.match(lost.text, /Account log contradicts itself/, JSON.stringify(damaged));
  }
  await segments.deleteMany({});
  assert.match((await look(swapped.id)).text, /Account log contradicts itself/);
  const heads = app.database.db.collection(LOG_HEADS);
  await heads.updateOne({ _id: world.accountId as never }, { $set: { 'checkpoint.size': 1 } });
  assert.match((await look(swapped.id)).text, /Account log contradicts itself/);
});

test('damaged rows are answered, and never as ours', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  const genuine = await world.sessions.findOne({ _id: session.id });
  for (const damage of [
    ...[{ log: null }, { log: 'x' }, { 'log.size': 'x' }, { ended_at: 'x' }, { started_at: null }],
    ...[{ merkle_root_size: {} }, { status: 5 }, { aggregate: null }, { stage_durations_ms: 'x' }],
  ]) {
    await world.sessions.updateOne({ _id: session.id }, { $set: damage } as object);
    for (const value of [session.id, session.merkleRootHex ?? '', row.id]) {
      const page = await world.look(value);
      assert.equal(page.status, 200, `${JSON.stringify(damage)} ${value}`);
      const isHarmless = 'aggregate' in damage || 'stage_durations_ms' in damage;
      if (!isHarmless)
        assert.ok(
          cardsOf(page).every(([, sum]) => sum !== GOOD),
          JSON.stringify(damage),
        );
    }
    await world.sessions.replaceOne({ _id: session.id }, genuine ?? {});
  }
  const report = await world.reports.findOne({ _id: row.id });
  for (const damage of [
    ...[{ size: -1 }, { until: 'x' }, { format: 'exe' }, { scope: 'account' }, { statement: 5 }],
    ...[{ statement: 'x' }, { pdf_sha256: 5 }, { user_id: null }, { agent_id: 'x' }, { session_id: 'x' }],
  ]) {
    await world.reports.updateOne({ _id: row.id }, { $set: damage } as object);
    for (const value of [row.id, row.jsonSha256Hex, row.rootHex]) {
      const page = await world.look(value);
      assert.equal(page.status, 200, JSON.stringify(damage));
      const ofReports = cardsOf(page).filter(([title]) => title?.includes('report'));
      assert.ok(
        ofReports.every(([, sum]) => sum !== GOOD),
        JSON.stringify(damage),
      );
    }
    await world.reports.replaceOne({ _id: row.id }, report ?? {});
  }
});

test('what is open, unsealed or about many sessions is ours as far as it could be checked', async (t) => {
  const world = await startLogged(t);
  const { app, tenant, look } = world;
  const open = await addSessionWithLog(app, tenant, { open: true, events: [redaction('NAME')] });
  const ofOpen = await look(open.id);
  assert.deepEqual(cardsOf(ofOpen), [['A session of this account', DOUBT]]);
  assert.match(ofOpen.text, /a session is logged once it has ended/);

  const session = await world.addSession();
  await damageRow(app.database.db, session, { 'log.seal': null });
  await markEnd({ ...app.deps.writer, db: app.database.db }, session);
  await world.keep();
  const unsealed = await look(session.id);
  assert.deepEqual(cardsOf(unsealed), [['A session of this account', DOUBT]]);
  assert.match(
    unsealed.text,
    /Account log says so .*verified .*without a seal: entries at its end may be missing/,
  );
  await damageRow(app.database.db, session, { 'log.seal': session.log.seal });
  assert.match((await look(session.id)).text, /says so of an earlier state/);

  const wide = await app.get('/api/v1/reports?since=7d&exceptions=list', world.cookie);
  const bytes = Buffer.from(await wide.arrayBuffer());
  assert.equal(wide.status, 200, bytes.toString());
  await world.keep();
  const ofMany = await look(hash('sha256', bytes, 'hex'));
  assert.deepEqual(cardsOf(ofMany), [['The JSON of a report of this account', DOUBT]]);
  assert.match(ofMany.text, /About Whole account .*signed .*Account log says so .*about many sessions/);
});

test('a report whose session is gone is not relied on', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  const { row } = await world.issue(session.id);
  await world.keep();
  await world.sessions.deleteOne({ _id: session.id });
  const page = await world.look(row.id);
  assert.deepEqual(cardsOf(page), [['A report of this account', BAD]]);
  assert.match(page.text, /Walked now gone/);
});

test('finds in the account log the session, the report and the root whose rows are gone', async (t) => {
  const world = await startLogged(t);
  const { look } = world;
  const [gone, moved] = [await world.addSession(), await world.addSession()];
  const { row } = await world.issue(moved.id);
  await world.keep();
  const values = [gone.id, gone.merkleRootHex ?? ''];
  await world.sessions.deleteOne({ _id: gone.id });
  for (const value of values) {
    const page = await look(value);
    assert.deepEqual(cardsOf(page), [['The account log has it', CHANGED]], value);
    assert.match(page.text, new RegExp(`the session ${gone.id} was closed with 2 entries .*Database gone`));
  }
  await world.sessions.updateOne({ _id: moved.id }, { $set: { merkle_root_hex: '7c'.repeat(32) } });
  await world.reports.deleteOne({ _id: row.id });
  const ofMoved = await look(moved.merkleRootHex ?? '');
  assert.deepEqual(
    cardsOf(ofMoved).map(([title]) => title),
    ['The account log has it', 'The account log has it'],
  );
  assert.match(ofMoved.text, new RegExp(`report ${row.id} was issued .*Database gone`));
  assert.match(ofMoved.text, new RegExp(`session ${moved.id} was closed .*Database says something else`));
  for (const value of [row.id, row.jsonSha256Hex]) {
    assert.match((await look(value)).text, new RegExp(`report ${row.id} was issued .*Database gone`));
  }

  const [policy] = await world.app.deps.policies.list(world.accountId, { after: null, limit: 1 });
  const ofPolicy = await look(policy?.sha256Hex ?? '');
  assert.deepEqual(cardsOf(ofPolicy), [['The account log has it', GOOD]]);
  assert.match(ofPolicy.text, /the text of policy .*, version \d+, was stored .*Database has it as logged/);

  const stranger = await world.app.addTenant('Stranger');
  for (const value of [...values, policy?.sha256Hex ?? '']) {
    assert.match((await look(value, stranger.cookie)).text, /Nothing of this account has this value/);
  }
  const segments = world.app.database.db.collection<{ _id: string }>(LOG_SEGMENTS);
  await segments.deleteMany({});
  assert.match((await look('0'.repeat(64))).text, /The account log contradicts itself/);
});

test('an earlier state of a session is found in the account log beside the later one', async (t) => {
  const world = await startLogged(t);
  const { app, look } = world;
  const { accountId } = world;
  const events = [redaction('NAME')];
  const session = await addSessionWithLog(app, world.tenant, { events, open: true });
  const { db } = app.database;
  const endedAt = new Date();
  /** Ends the session without a seal, as it is now. */
  const end = async () => {
    await damageRow(db, session, { ended_at: endedAt, status: 'ok' });
    await markEnd({ ...app.deps.writer, db }, session);
    const log = { accountId, sessionId: session.id };
    const walk = { signal: new AbortController().signal, listed: 0 };
    const verdict = (await app.deps.pool.verifySession(log, walk))?.verdict;
    assert.ok(verdict?.status === 'verified');
    const { rootHex, size } = verdict;
    await damageRow(db, session, { merkle_root_hex: rootHex, merkle_root_size: size, log_due: rootHex });
    await world.keep();
    return rootHex;
  };
  const earlier = await end();
  await damageRow(db, session, { ended_at: null });
  await markEnd({ ...app.deps.writer, db }, session);
  const appended = await appendEvents(app.deps.writer, accountId, session.id, events);
  assert.equal(appended.status, 'appended');
  assert.notEqual(await end(), earlier);
  const page = await look(earlier);
  assert.deepEqual(cardsOf(page), [['The account log has it', DOUBT]]);
  assert.match(page.text, /has a later state of the session/);
});

test('of many that have one root a few are shown and walked', async (t) => {
  const world = await startLogged(t);
  for (let i = 0; i < 7; i += 1) await addSessionWithLog(world.app, world.tenant, { events: [] });
  await world.keep();
  const page = await world.look(hash('sha256', '', 'hex'));
  assert.equal(cardsOf(page).length, 5);
  assert.match(page.text, /More of this account has this value/);
  assert.equal(page.text.match(/Walked now verified/g)?.length, 3);
});

test('without a signing key nothing is said to be logged', async (t) => {
  const world = await startLogged(t);
  const session = await world.addSession();
  await world.keep();
  Object.assign(world.app.deps, { accountLog: null });
  const page = await world.look(session.id);
  assert.deepEqual(cardsOf(page), [['A session of this account', DOUBT]]);
  assert.match(page.text, /signs no account log/);
});
