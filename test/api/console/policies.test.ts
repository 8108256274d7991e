// Policies in the console, over HTTP.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { SAFE_HARBOR } from '../../../shared/policy/safe-harbor-catalogue.ts';
import { assertLeadsTo, assertNotFound, getPage } from '../../support/console.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { policyFile } from '../../support/policies.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const DEFAULT = policyFile('healthcare-default@1');

async function store(
  app: TestApp,
  accountId: string,
  { name = 'healthcare-default', version = 1, text = DEFAULT } = {},
): Promise<string> {
  const sha256Hex = hash('sha256', text);
  assert.equal(await app.deps.policies.insert(accountId, { name, version, text, sha256Hex }), 'stored');
  return sha256Hex;
}

test('policies in the console', async (t) => {
  const app = await startApp(t);
  const { accountId, agentId, cookie } = await app.addTenant('Clinic');
  const other = await app.addTenant('Other');
  const weak = await app.login(accountId, ['reports:read']);

  await t.test('an account without a policy is told so', async () => {
    assert.match((await getPage(app, '/policies', cookie)).text, /No policy is stored yet/);
  });

  const first = await store(app, accountId);
  const changed = DEFAULT.replace('version: 1', 'version: 2').replace(/ {2}MRN:.*\n/, '');
  const second = await store(app, accountId, { version: 2, text: changed });
  const foreign = await store(app, other.accountId, { text: `${DEFAULT}# other\n` });
  const compare = `/policies/compare?from=${first}&to=${second}`;

  await t.test('login and permission are checked first, and a bad hash in the query is refused', async () => {
    for (const path of ['/policies', `/policies/${first}`, compare]) {
      assertLeadsTo(await app.get(path, null, { redirect: 'manual' }), /^\/sign-in\?next=/);
      assert.equal((await app.get(path, weak)).status, 403, path);
    }
    for (const query of ['', `?from=${first}`]) {
      const path = `/policies/compare${query}`;
      assertLeadsTo(await app.get(path, cookie, { redirect: 'manual' }), /^\/policies$/);
    }
    for (const query of [`?from=${first}&to=x`, `?from=${first}&to=${second}&to=${second}`]) {
      assert.equal((await app.get(`/policies/compare${query}`, cookie)).status, 422, query);
    }
    assert.equal((await app.get('/policies?cursor=x', cookie)).status, 422);
  });

  await t.test('another account’s policy is the same page as an unknown and a malformed one', async () => {
    const unknown = await assertNotFound(await app.get(`/policies/${'0'.repeat(64)}`, cookie));
    for (const named of [foreign, 'x', first.toUpperCase(), '%zz', `${first}0`]) {
      const page = await assertNotFound(await app.get(`/policies/${named}`, cookie));
      assert.equal(page.text, unknown.text);
    }
    for (const [from, to] of [
      [first, foreign],
      [foreign, second],
    ]) {
      await assertNotFound(await app.get(`/policies/compare?from=${from}&to=${to}`, cookie));
    }
    await assertNotFound(await app.get(`/policies?cursor=${foreign}`, cookie));
  });

  await t.test('the list has each version, its changes, and the agents that name the policy', async () => {
    const { document, text } = await getPage(app, '/policies', cookie);
    const rows = [...document.querySelectorAll('tbody tr')].map(
      (row) => row.querySelector('th')?.textContent,
    );
    assert.deepEqual(rows, ['Version 2', 'Version 1']);
    assert.equal(document.querySelectorAll('tbody time').length, 2);
    assert.match(text, /In force for 1 agent: Clinic agent\./);
    assert.ok(document.querySelector(`main a[href="/agents/${agentId}"]`));
    const link = [...document.querySelectorAll('tbody a')].find((a) => a.textContent === 'since version 1');
    assert.equal(link?.getAttribute('href'), compare);
  });

  await t.test('a version stored before its time was recorded says so', async () => {
    const policies = app.database.db.collection<{ _id: string }>('policies');
    await policies.updateOne({ _id: `${accountId}/${first}` }, { $unset: { stored_at: '' } });
    assert.match((await getPage(app, `/policies/${first}`, cookie)).text, /Stored since not recorded/);
  });

  await t.test('a version shows the coverage of all 18 identifiers, and its text', async () => {
    const { document, text } = await getPage(app, `/policies/${first}`, cookie);
    assert.equal(document.querySelector('pre code')?.textContent, DEFAULT);
    assert.match(text, /covers 9 in full, 3 in part and 6 not at all/);
    const rows = [...document.querySelectorAll('tbody tr')].map(
      (row) => row.querySelector('.state')?.textContent ?? '',
    );
    const full = SAFE_HARBOR.identifiers.filter((_, i) => rows[i] === 'full').map(({ key }) => key[0]);
    assert.equal(full.join(''), 'ABDEFGHJO');
    assert.equal(rows[16], 'not applicable');
    assert.ok(document.querySelector('details[open] table'));
    assert.equal(rows.length, 18);
  });

  await t.test('two versions are compared line by line, and by what they cover', async () => {
    const { document, text } = await getPage(app, compare, cookie);
    assert.match(text, /Medical record numbers full none/);
    assert.match(text, /1 added and 2 removed lines/);
    const removed = [...document.querySelectorAll('del')].map((line) => line.textContent);
    assert.match(removed.join('\n'), /version: 1\n {2}MRN:/);
    assert.equal(document.querySelector('ins')?.textContent, 'version: 2');
    const same = await getPage(app, `/policies/compare?from=${first}&to=${first}`, cookie);
    assert.match(same.text, /The two texts are the same/);
  });

  await t.test('a text that cannot be read as a policy says what is wrong, and shows the text', async () => {
    const broken = await store(app, accountId, { name: 'broken', text: 'entities: {}\npasses: no\n' });
    const { text } = await getPage(app, `/policies/${broken}`, cookie);
    assert.match(text, /cannot be read as a policy/);
    assert.match(text, /passes \(line 2, column 1\): must be a list/);
    const { text: compared } = await getPage(app, `/policies/compare?from=${first}&to=${broken}`, cookie);
    assert.match(compared, /One of the two texts cannot be read/);
  });

  await t.test('a long policy is read in the threads, as a short one is read here', async () => {
    const kinds = Array.from({ length: 2_000 }, (_, i) => `  KIND_${i}: {action: passthrough}\n`);
    const text = DEFAULT.replace('entities:\n', `entities:\n${kinds.join('')}`);
    const long = await store(app, accountId, { name: 'long', text });
    const page = await getPage(app, `/policies/${long}`, cookie);
    assert.match(page.text, /covers 9 in full, 3 in part and 6 not at all/);
    assert.match(page.text, /unmasked: KIND_0, KIND_1, .* and 1,950 more/);
    const changes = await getPage(app, `/policies/compare?from=${first}&to=${long}`, cookie);
    assert.match(changes.text, /All 18 identifiers are covered as before/);
    assert.match(changes.text, /2,000 added and 0 removed|too little in common/);
  });

  await t.test('names, kinds and texts are text wherever they stand', async () => {
    for (const [i, name] of HOSTILE_TEXTS.entries()) {
      const text = `name: x\nversion: 1\npasses: [${JSON.stringify(name)}]\nentities:\n  ? ${JSON.stringify(name)}\n  : { action: passthrough, ${JSON.stringify(name)}: 1 }\n# ${name}\n`;
      const sha256Hex = await store(app, accountId, { name, version: i + 1, text });
      const agent = { id: newId('agent'), name, policyName: name };
      await app.deps.agents.upsert(accountId, agent);
      const shown = await getPage(app, `/policies/${sha256Hex}`, cookie);
      assert.match(shown.text, /Safe Harbor coverage/);
      await getPage(app, `/policies/compare?from=${first}&to=${sha256Hex}`, cookie);
    }
    const list = await getPage(app, '/policies', cookie);
    assert.ok(list.text.includes(String(HOSTILE_TEXTS[0])) && list.text.includes(String(HOSTILE_TEXTS[1])));
  });

  await t.test('a list of many versions goes on by pages, whatever is in their names', async () => {
    const { accountId: many, cookie: by } = await app.addTenant('Many');
    const name = `${String(HOSTILE_TEXTS[1])} ${'é'.repeat(600)}`;
    for (let version = 1; version <= 102; version += 1) {
      await store(app, many, { name, version, text: `${version}` });
    }
    const shown: string[] = [];
    for (let path = '/policies'; path !== ''; ) {
      const { document } = await getPage(app, path, by);
      shown.push(...[...document.querySelectorAll('tbody th')].map((cell) => cell.textContent ?? ''));
      const next = [...document.querySelectorAll('nav.pager a')].find((a) => a.textContent === 'Next page');
      path = next?.getAttribute('href') ?? '';
    }
    assert.equal(shown.length, 102);
    assert.equal(new Set(shown).size, 102);
  });

  await t.test('rows that no import made are passed over', async () => {
    const { accountId: odd, cookie: by } = await app.addTenant('Odd');
    const stored = await store(app, odd);
    const rows = app.database.db.collection<Record<string, unknown> & { _id: string }>('policies');
    const hex = (i: number) => hash('sha256', String(i));
    await rows.insertMany([
      { _id: `${odd}/x`, account_id: odd, name: 'a', version: 1, text: '' },
      { _id: `${odd}/${hex(1)}`, account_id: odd, name: 7, version: 1, text: '' },
      { _id: `${odd}/${hex(2)}`, account_id: odd, name: 'b', version: '1', text: '' },
      { _id: `${odd}/${hex(3)}`, account_id: odd, name: 'c', version: 1, text: 7, stored_at: 'now' },
    ]);
    const { document } = await getPage(app, '/policies', by);
    assert.equal(document.querySelectorAll('tbody tr').length, 2);
    assert.ok(document.querySelector(`a[href="/policies/${stored}"]`));
    await assertNotFound(await app.get(`/policies/${hex(3)}`, by));
  });
});
