import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ClaimMap, mapClaims, readClaimMap } from '../../../shared/accounts/claim-map.ts';
import { newId } from '../../../shared/audit/ids.ts';

const [clinic, other] = [newId('account'), newId('account')];

function read(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'map');
  writeFileSync(file, text);
  return readClaimMap('OIDC_MAP_FILE', file);
}

function problemsOf(t: TestContext, map: unknown): readonly string[] {
  const found = read(t, JSON.stringify(map));
  assert.ok(!found.ok);
  return found.problems;
}

const RULE = { claims: { groups: 'x' }, account: clinic, permissions: ['sessions:read'] };

test('a map is read from YAML and from JSON, and asks for e-mail and profile by default', (t) => {
  const yaml = `user: email\nrules:\n  - claims: { groups: x }\n    account: ${clinic}\n    permissions: [sessions:read]\n`;
  const json = JSON.stringify({ user: 'email', rules: [RULE] }, null, '\t');
  const [one, two] = [read(t, yaml), read(t, json)];
  assert.ok(one.ok);
  assert.deepEqual(one, two);
  assert.equal(one.map.scope, 'openid profile email');
});

test('each fault of a map is named by its place, and no value is shown', (t) => {
  const secret = 'hunter2';
  assert.deepEqual(
    problemsOf(t, {
      scope: secret,
      user: '',
      rules: [
        { ...RULE, account: secret },
        { ...RULE, permissions: [secret] },
        { ...RULE, permissions: [] },
        { ...RULE, claims: {} },
        { ...RULE, claims: { groups: { secret } } },
        { ...RULE, claims: { groups: [] } },
        { ...RULE, more: secret },
      ],
    }).map((problem) => problem.replace(/ (must|is|may) .*/, '')),
    [
      'OIDC_MAP_FILE: scope',
      'OIDC_MAP_FILE: user',
      'OIDC_MAP_FILE: rules[0].account',
      'OIDC_MAP_FILE: rules[1].permissions[0]',
      'OIDC_MAP_FILE: rules[2].permissions',
      'OIDC_MAP_FILE: rules[3].claims',
      'OIDC_MAP_FILE: rules[4].claims.groups',
      'OIDC_MAP_FILE: rules[5].claims.groups',
      'OIDC_MAP_FILE: rules[6]',
    ],
  );
  for (const bad of [
    null,
    [],
    'x',
    {},
    { user: 'email', rules: [] },
    { user: 'email', rules: [RULE], secret },
  ]) {
    const problems = problemsOf(t, bad);
    for (const problem of problems) assert.match(problem, /^OIDC_MAP_FILE: /);
    assert.ok(problems.length > 0);
    assert.ok(!problems.join().includes(secret));
  }
});

test('a file that is no map is named by its variable', (t) => {
  const absent = readClaimMap('OIDC_MAP_FILE', '/nonexistent');
  assert.deepEqual(absent, { ok: false, problems: ['OIDC_MAP_FILE names a file that cannot be read'] });
  for (const text of ['a: [', 'a: 1\na: 2', 'a: &x 1\nb: *x', '\u0000']) {
    const found = read(t, text);
    assert.ok(!found.ok);
    assert.match(found.problems.join(), /^The file that OIDC_MAP_FILE names /);
  }
  const long = read(t, `user: email # ${'x'.repeat(256 * 1024)}`);
  assert.deepEqual(long, { ok: false, problems: ['OIDC_MAP_FILE names a file over 256 KiB'] });
});

const map: ClaimMap = {
  scope: 'openid',
  user: 'name',
  rules: [
    { claims: { groups: ['audit', 'compliance'], level: [2] }, account: clinic, permissions: ['admin'] },
    { claims: { groups: ['compliance'] }, account: clinic, permissions: ['sessions:read', 'sessions:read'] },
    { claims: { email: ['ada@x'] }, account: other, permissions: ['reports:read'] },
  ],
};
const accountOf = (claims: object) => {
  const mapped = mapClaims(map, { name: 'Ada', ...claims });
  return mapped.ok ? [mapped.accountId, mapped.permissions] : mapped.why;
};

test('the first rule counts all of whose claims hold one of their values', () => {
  assert.deepEqual(accountOf({ groups: ['x', 'audit'], level: 2 }), [clinic, ['admin']]);
  assert.deepEqual(accountOf({ groups: 'compliance', level: '2' }), [clinic, ['sessions:read']]);
  assert.deepEqual(accountOf({ groups: ['compliance'] }), [clinic, ['sessions:read']]);
  for (const groups of [
    undefined,
    null,
    [],
    ['Compliance'],
    ['compliance '],
    [['compliance']],
    { compliance: 1 },
    'audit',
  ]) {
    assert.equal(accountOf({ groups }), 'no_rule', JSON.stringify(groups));
  }
  assert.equal(
    mapClaims({ ...map, rules: [{ ...map.rules[0]!, claims: { constructor: ['x'] } }] }, {}).ok,
    false,
  );
});

test('an e-mail counts only where it is verified, in a rule and as a name', () => {
  assert.deepEqual(accountOf({ email: 'ada@x', email_verified: true }), [other, ['reports:read']]);
  for (const email_verified of [undefined, false, 'true', 1, null, ['true'], {}]) {
    assert.equal(accountOf({ email: 'ada@x', email_verified }), 'no_rule', JSON.stringify(email_verified));
    const named = mapClaims(
      { ...map, user: 'email' },
      { email: 'ada@x', email_verified, groups: 'compliance' },
    );
    assert.deepEqual(named, { ok: false, why: 'no_user' });
  }
});

test('capitals of an e-mail make no other person, and letters that resemble them do', () => {
  const nameOf = (email: string) => {
    const mapped = mapClaims(
      { ...map, user: 'email', rules: [{ ...map.rules[2]!, claims: { email: ['Kim@Clinic.example'] } }] },
      { email, email_verified: true },
    );
    return mapped.ok ? mapped.userName : mapped.why;
  };
  for (const email of ['kim@clinic.example', 'KIM@CLINIC.EXAMPLE'])
    assert.equal(nameOf(email), 'kim@clinic.example');
  assert.equal(nameOf('\u212aim@clinic.example'), 'no_rule');
});

test('the name of a user is a text that can be shown', () => {
  const nameOf = (name: unknown) => {
    const mapped = mapClaims(map, { name, groups: 'compliance' });
    return mapped.ok ? mapped.userName : mapped.why;
  };
  assert.equal(nameOf(' Jose\u0301 '), 'José');
  for (const bad of [undefined, null, 7, '', ' ', ['Ada'], 'a\u202eb', 'x'.repeat(101)]) {
    assert.equal(nameOf(bad), 'no_user', JSON.stringify(bad));
  }
});
