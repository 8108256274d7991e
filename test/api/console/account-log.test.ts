// The account log in the console: on the overview, and what auditors are handed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERIFIER_NAMES } from '../../../api/console/assets/verifiers.ts';
import { judgeAccountLog } from '../../../api/routes/health/judge-account-log.ts';
import { ledgerResponse } from '../../../api/routes/reports/schema.ts';
import { TENANT_PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { LOG_HEADS } from '../../../shared/transparency/log-rows.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { TEST_SIGNING } from '../../support/account-logs.ts';
import { assertLeadsTo, getPage } from '../../support/console.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { addCosignature, keepLogs, witnessKey } from '../../support/logged-app.ts';
import { addSessionWithLog, damageEntry, redaction } from '../../support/logs.ts';
import { textsOf } from '../../support/page-figures.ts';
import { textOf } from '../../support/pages.ts';
import { pemOf, signerOf, TEST_ORIGIN } from '../../support/signers.ts';
import { startApp, type Tenant, type TestApp } from '../../support/start-app.ts';

const WITNESSES = [witnessKey('one.example/w', 11), witnessKey('two.example/w', 12)] as const;

async function addLogged(app: TestApp, tenant: Tenant) {
  return addSessionWithLog(app, tenant, { events: [redaction('NAME'), redaction('DOB')] });
}

const sectionOf = (page: Awaited<ReturnType<typeof getPage>>) =>
  textOf(page.document, '[aria-labelledby="account-log"]');
const attentionOf = (page: Awaited<ReturnType<typeof getPage>>) =>
  textsOf(page.document, '[aria-labelledby="attention"] h3');

test('the account log on the overview', async (t) => {
  const app = await startApp(t);

  await t.test('a deployment without a signing key says what to set', async () => {
    Object.assign(app.deps, { accountLog: null });
    const { cookie } = await app.addTenant('Clinic');
    assert.match(sectionOf(await getPage(app, '/', cookie)), /signs no account log.*SIGNING_KEY/);
  });

  const keep = await keepLogs(t, app, { witnesses: WITNESSES });
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const show = () => getPage(app, '/', cookie);

  await t.test('an empty log has no checkpoint yet', async () => {
    const text = sectionOf(await show());
    assert.match(text, /^Account log empty /);
    assert.ok(text.includes(`Name (origin) ${TEST_ORIGIN}/${accountId}`));
    assert.match(text, /Checkpoint none yet: the first is signed within a minute/);
  });

  await t.test('size, age and the witnesses that have and have not cosigned are shown', async () => {
    await addLogged(app, tenant);
    await keep(accountId);
    await addCosignature(app, accountId, { name: 'one.example/w', seed: 11, at: new Date() });
    const page = await show();
    const text = sectionOf(page);
    assert.match(text, /^Account log signed /);
    assert.match(text, /Checkpoint 2 entries, signed .* \(\d+(\.\d)? m?s ago\)/);
    assert.match(
      text,
      /one\.example\/w cosigned .* two\.example\/w missing has not cosigned this checkpoint/,
    );
    assert.equal(attentionOf(page).length, 0);
  });

  await t.test('a witness that contradicts the log needs attention', async () => {
    const heads = app.database.db.collection(LOG_HEADS);
    const found = { name: 'two.example/w', problem: HOSTILE_TEXTS[0], found_at: new Date() };
    await heads.updateOne({ _id: accountId as never }, { $set: { contradictions: [found] } });
    const page = await show();
    assert.match(sectionOf(page), /two\.example\/w contradicts says that it holds another log, since /);
    assert.deepEqual(attentionOf(page), [
      'A witness says that it holds another log of this account than there is',
    ]);
    assert.equal(await judgeAccountLog(app.deps, 5_000).then((health) => health.split(':')[0]), 'degraded');
    await heads.updateOne({ _id: accountId as never }, { $unset: { contradictions: '' } } as object);
  });

  await t.test('a cosignature that the witness’s key did not make does not count', async () => {
    await addCosignature(app, accountId, { name: 'two.example/w', seed: 13, at: new Date() });
    const heads = app.database.db.collection(LOG_HEADS);
    for (const line of ['', 'nonsense', '— two.example/w AAAA', '— x y\n— z w', HOSTILE_TEXTS[0]]) {
      const forged = { name: 'two.example/w', line, at: new Date() };
      const push = { $push: { 'checkpoint.cosignatures': forged } } as object;
      await heads.updateOne({ _id: accountId as never }, push);
    }
    assert.match(sectionOf(await show()), /one\.example\/w cosigned .* two\.example\/w missing/);
  });

  await t.test('of two cosignatures of a witness the time of the later is shown', async () => {
    const at = new Date('2200-03-04T05:06:07Z');
    await addCosignature(app, accountId, { name: 'one.example/w', seed: 11, at });
    assert.match(sectionOf(await show()), /one\.example\/w cosigned 4 Mar 2200, 05:06:07/);
  });

  await t.test('an old checkpoint has its age in days, one from the future says so', async () => {
    const heads = app.database.db.collection(LOG_HEADS);
    const setTime = (at: unknown) =>
      heads.updateOne({ _id: accountId as never }, { $set: { 'checkpoint.signed_at': at } });
    await setTime(new Date(Date.now() - 9.5 * 86_400_000));
    assert.match(sectionOf(await show()), /\(9 days ago\)/);
    await setTime(new Date(Date.now() + 86_400_000));
    assert.match(sectionOf(await show()), /later than the clock of this server/);
  });

  await t.test('a failed log needs attention: why, and what to do', async () => {
    for (const reason of ['it has 3 entries, and had 5', ...HOSTILE_TEXTS.filter((_, i) => i % 9 === 0)]) {
      const failed = { reason, found_at: new Date() };
      const heads = app.database.db.collection(LOG_HEADS);
      await heads.updateOne({ _id: accountId as never }, { $set: { failed } });
      const page = await show();
      assert.match(sectionOf(page), /^Account log failed /);
      assert.deepEqual(attentionOf(page), [
        'The account log contradicts what was signed: nothing is signed any more',
      ]);
      assert.match(page.text, /Found: .*Next: keep the database as it is, and copy it and DATA_DIR/);
      await heads.updateOne({ _id: accountId as never }, { $unset: { failed: '' } });
    }
  });

  await t.test('a checkpoint of an unknown key is not shown as signed', async () => {
    const other = await app.addTenant('Other');
    await addLogged(app, other);
    await keep(other.accountId);
    const { accountLog } = app.deps;
    await keepLogs(t, app, { settings: { ...TEST_SIGNING, privateKeyPem: pemOf(9) } });
    const page = await getPage(app, '/', other.cookie);
    assert.match(
      sectionOf(page),
      /^Account log signed by an unknown key .*none that a key of this deployment/,
    );
    assert.match(
      page.text,
      /no key of this deployment has signed Next: if SIGNING_KEY was changed.*RETIRED_KEYS/,
    );
    Object.assign(app.deps, { accountLog, witnesses: WITNESSES });
  });

  await t.test('whoever may not read the log sees nothing of it', async () => {
    const weak = await app.login(
      accountId,
      TENANT_PERMISSIONS.filter((permission) => permission !== 'log:read'),
    );
    const page = await getPage(app, '/', weak);
    assert.doesNotMatch(page.text, /Account log|checkpoint|auditor/i);
    assert.equal(page.document.querySelector('nav a[href="/auditors"]'), null);
  });
});

test('the page of health names account logs that contradict a checkpoint, and what to do', async (t) => {
  const app = await startApp(t);
  const keep = await keepLogs(t, app);
  const { accountId } = await app.addTenant('Clinic');
  const admin = await app.login(accountId, ['admin']);
  const rowOf = async () => {
    const { document } = await getPage(app, '/operators/health', admin);
    return textsOf(document, 'main tbody tr').find((row) => row.startsWith('Account logs'));
  };
  assert.match((await rowOf()) ?? '', /^Account logsokok–/);
  await keep(accountId);
  const heads = app.database.db.collection(LOG_HEADS);
  const failed = { reason: 'it has 3 entries, and had 5', found_at: new Date() };
  await heads.updateOne({ _id: accountId as never }, { $set: { failed } }, { upsert: true });
  assert.match(
    (await rowOf()) ?? '',
    /needs attention.*1 account log contradicts .*Keep the database as it is/,
  );
});

test('what auditors are handed', async (t) => {
  const app = await startApp(t);
  const settings = { ...TEST_SIGNING, retiredPublicKeys: [signerOf(5).publicKey] };
  await keepLogs(t, app, { settings, witnesses: WITNESSES });
  const { accountId, cookie } = await app.addTenant('Clinic');

  await t.test('the page checks login and permission', async () => {
    assertLeadsTo(await app.get('/auditors', null, { redirect: 'manual' }), /^\/sign-in\?next=/);
    const weak = await app.login(accountId, ['sessions:read', 'reports:read']);
    assert.equal((await app.get('/auditors', weak)).status, 403);
  });

  await t.test(
    'it shows the key that the API sends, the retired one, and those of the witnesses',
    async () => {
      const page = await getPage(app, '/auditors', cookie);
      const sent = await (await app.get('/api/v1/log/key', cookie)).text();
      assert.equal(page.document.querySelector('pre code')?.textContent, sent.trimEnd());
      assert.match(page.text, /Hand it over by another way than the reports/);
      const retired = verifierKeyOf(`${TEST_ORIGIN}/${accountId}`, signerOf(5).publicKey);
      for (const key of [retired, ...WITNESSES]) assert.ok(page.text.includes(formatVerifierKey(key)));
      for (const path of ['/api/v1/log/checkpoint', '/api/v1/log/key']) {
        assert.ok(page.document.querySelector(`a[href="${path}"]`), path);
      }
    },
  );

  await t.test('the programs are those of the repository, and a browser runs none of them here', async () => {
    const page = await getPage(app, '/auditors', cookie);
    const links = [...page.document.querySelectorAll('a[download]')];
    assert.deepEqual(
      links.map((link) => link.textContent),
      [...VERIFIER_NAMES],
    );
    for (const link of links) {
      const name = link.textContent ?? '';
      const response = await app.get(link.getAttribute('href') ?? '');
      assert.equal(response.headers.get('Content-Disposition'), `attachment; filename="${name}"`);
      assert.equal(response.headers.get('Content-Type'), 'application/octet-stream');
      const file = join(import.meta.dirname, '../../../scripts/verifiers', name);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), readFileSync(file), name);
    }
  });
});

test('the evidence of a session on its page', async (t) => {
  const app = await startApp(t);
  const keep = await keepLogs(t, app);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const show = (id: string, as = cookie) => getPage(app, `/sessions/${id}`, as);
  const placeOf = (page: Awaited<ReturnType<typeof getPage>>) =>
    textOf(page.document, '[aria-labelledby="evidence-heading"]');
  const proofs = (page: Awaited<ReturnType<typeof getPage>>) =>
    [...page.document.querySelectorAll('#entries a[href$="/proof"]')].map((link) =>
      link.getAttribute('href'),
    );

  await t.test('an open session and one that is not logged yet say so, and have no links', async () => {
    const open = await addSessionWithLog(app, tenant, { open: true, events: [redaction('NAME')] });
    const ended = await addLogged(app, tenant);
    for (const [id, words] of [
      [open.id, /not logged The session is open/],
      [ended.id, /not logged yet The session has ended/],
    ] as const) {
      const page = await show(id);
      assert.match(placeOf(page), words);
      assert.equal(page.document.querySelectorAll('a[href$="/proof"], a[href$="/evidence"]').length, 0);
    }
  });

  await t.test('a logged session has its place, its pack, and a proof of each entry shown', async () => {
    const { id } = await addLogged(app, tenant);
    await keep(accountId);
    const index = (await app.deps.sessions.find(accountId, id))?.logIndex;
    const page = await show(id);
    assert.match(
      placeOf(page),
      new RegExp(`logged entry ${index} \\(counted from 0\\) Checkpoint of \\d+ entries, signed`),
    );
    for (const name of ['evidence', 'proof']) {
      assert.ok(page.document.querySelector(`a[href="/api/v1/sessions/${id}/${name}"]`), name);
    }
    const links = proofs(page);
    assert.deepEqual(
      links,
      [0, 1].map((seq) => `/api/v1/sessions/${id}/events/${seq}/proof`),
    );
    for (const link of [...links, ...['proof', 'evidence'].map((name) => `/api/v1/sessions/${id}/${name}`)]) {
      const response = await app.get(link ?? '', cookie);
      assert.equal(response.status, 200, link ?? '');
      assert.match(response.headers.get('Content-Disposition') ?? '', /^attachment/);
      await response.arrayBuffer();
    }
  });

  await t.test('of a log that is not what was logged, only the proof of the session is offered', async () => {
    const session = await addLogged(app, tenant);
    await keep(accountId);
    await damageEntry(app, session, 1);
    const page = await show(session.id);
    assert.match(placeOf(page), /The audit log is not verified now/);
    assert.deepEqual(proofs(page), []);
    assert.ok(!page.document.querySelector('a[href$="/evidence"]'));
    const unlogged = await addLogged(app, tenant);
    await damageEntry(app, unlogged, 1);
    assert.match(placeOf(await show(unlogged.id)), /takes up no log that is not verified/);
  });

  await t.test('an index that is none, or of something else, is not shown as logged', async () => {
    const { id } = await addLogged(app, tenant);
    const rows = app.database.db.collection('sessions');
    for (const [index, why] of [
      [0, /the row is false/],
      [999_999, /the row is false/],
      // The row is damaged then, and its log unverifiable.
      ...[-1, 1.5, '1', null, { $gt: 0 }].map(
        (none) => [none, /not logged The account log takes up no log/] as const,
      ),
    ] as const) {
      await rows.updateOne({ _id: id as never }, { $set: { log_index: index } });
      assert.match(placeOf(await show(id)), why, String(index));
    }
  });

  await t.test('whoever may not read the log sees none of it', async () => {
    const { id } = await addLogged(app, tenant);
    await keep(accountId);
    const page = await show(id, await app.login(accountId, ['sessions:read', 'reports:read']));
    assert.equal(placeOf(page), '');
    assert.deepEqual(proofs(page), []);
  });

  await t.test('without a signing key the page says what to set', async () => {
    const { id } = await addLogged(app, tenant);
    Object.assign(app.deps, { accountLog: null });
    assert.match(placeOf(await show(id)), /no account log .*SIGNING_KEY/);
  });
});

test('the ledger shows the evidence of each report', async (t) => {
  const app = await startApp(t);
  const keep = await keepLogs(t, app);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const { id } = await addLogged(app, tenant);
  const report = async () => {
    const response = await app.get(`/api/v1/sessions/${id}/report`, cookie);
    assert.equal(response.status, 200, await response.text());
    const [newest] = await app.deps.ledger.list(accountId, { after: null, limit: 1 });
    return newest?.id ?? '';
  };
  const evidenceOf = (page: Awaited<ReturnType<typeof getPage>>) =>
    textsOf(page.document, 'main table tbody tr');
  const logged = await report();
  await keep(accountId);
  const fresh = await report();
  Object.assign(app.deps, { signStatement: async () => null });
  const unsigned = await report();
  const page = await getPage(app, '/reports', cookie);
  const rowOf = (reportId: string) => evidenceOf(page).find((row) => row.includes(reportId)) ?? '';
  assert.match(rowOf(logged), /Statement, Proof \(log entry \d+\)/);
  assert.match(rowOf(fresh), /Statement, not logged yet/);
  assert.match(rowOf(unsigned), /not signed/);
  for (const name of ['statement', 'proof']) {
    const link = page.document.querySelector(`a[href="/api/v1/reports/${logged}/${name}"]`);
    const response = await app.get(link?.getAttribute('href') ?? '', cookie);
    assert.equal(response.status, 200, name);
    assert.match(await response.text(), name === 'statement' ? /^masker-evidence/ : /^c2sp\.org\/tlog-proof/);
  }
  const weak = await app.login(accountId, ['reports:read']);
  const other = await getPage(app, '/reports', weak);
  assert.ok(!other.document.querySelector('a[href$="/statement"]'));
  const listed = await (await app.get('/api/v1/reports/ledger', cookie)).json();
  const rows = ledgerResponse.parse(listed).data;
  assert.deepEqual(rows.map((row) => [row.statement !== null, row.log_index !== null]).reverse(), [
    [true, true],
    [true, false],
    [false, false],
  ]);
});
