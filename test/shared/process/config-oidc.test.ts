import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../shared/process/config.ts';
import { problemsOf, temporaryFile } from '../../support/config-problems.ts';
import { pemOf } from '../../support/signers.ts';

const KEY = 'ab'.repeat(32);
const OTHER_KEY = 'cd'.repeat(32);
const SIGNING = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: 'evidence.example.org' };

const CLAIM_MAP = `user: email
rules: [{ claims: { groups: x }, account: acc_01KQGDBJ0084G7ZWYRD6Z1RV0W, permissions: [sessions:read] }]`;

test('an identity provider is configured by all of its settings, and not by default', (t) => {
  assert.equal(parseConfig({}).oidc, null);
  assert.equal(parseConfig({}).publicUrl, undefined);
  const given = {
    OIDC_ISSUER: 'https://login.example/realms/clinic',
    OIDC_CLIENT_ID: 'evidence',
    OIDC_CLIENT_SECRET_FILE: temporaryFile(t, 'secret\n'),
    OIDC_MAP_FILE: temporaryFile(t, CLAIM_MAP),
    PUBLIC_URL: 'https://evidence.example/',
  };
  const { oidc, publicUrl } = parseConfig(given);
  assert.deepEqual(
    [oidc?.issuer, oidc?.clientId, oidc?.clientSecret],
    [given.OIDC_ISSUER, 'evidence', 'secret'],
  );
  assert.equal(oidc?.map.rules.length, 1);
  assert.equal(publicUrl, 'https://evidence.example');
});

test('each setting of an identity provider that is missing or unusable is named', (t) => {
  const [missingId, missingSecret, missingMap, ...others] = problemsOf({
    OIDC_ISSUER: 'https://login.example',
  });
  assert.match(missingId ?? '', /^OIDC_CLIENT_ID is required with OIDC_ISSUER: set it, or unset all of/);
  assert.match(missingSecret ?? '', /^OIDC_CLIENT_SECRET is required/);
  assert.match(missingMap ?? '', /^OIDC_MAP_FILE is required/);
  assert.deepEqual(others, []);
  assert.match(
    problemsOf({ OIDC_MAP_FILE: temporaryFile(t, CLAIM_MAP) })[0] ?? '',
    /^OIDC_ISSUER is required with OIDC_MAP_FILE/,
  );
  const rest = {
    OIDC_CLIENT_ID: 'x',
    OIDC_CLIENT_SECRET: 'hunter2',
    OIDC_MAP_FILE: temporaryFile(t, CLAIM_MAP),
  };
  for (const issuer of [
    'login.example',
    'http://login.example',
    'https://login.example?x',
    'https://a:b@login.example',
    'ftp://x',
  ]) {
    assert.deepEqual(problemsOf({ ...rest, OIDC_ISSUER: issuer }), [
      'OIDC_ISSUER must be an https:// address without query and fragment (http:// on this machine)',
    ]);
  }
  for (const tenant of ['common', 'organizations', 'consumers', 'Common']) {
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    assert.match(
      problemsOf({ ...rest, OIDC_ISSUER: issuer }).join(),
      /^OIDC_ISSUER must name one tenant of Entra ID/,
    );
  }
  for (const issuer of [
    'https://login.microsoftonline.com/8f5cbd5e/v2.0',
    'http://localhost:9000',
    'http://127.0.0.1:9000',
    'http://[::1]:9000/x',
  ]) {
    assert.deepEqual(problemsOf({ ...rest, OIDC_ISSUER: issuer }), []);
  }
  const [problem] = problemsOf({
    ...rest,
    OIDC_ISSUER: 'https://login.example',
    OIDC_MAP_FILE: temporaryFile(t, 'user: 7'),
  });
  assert.match(problem ?? '', /^OIDC_MAP_FILE: user must name the claim/);
});

test('PUBLIC_URL is required where an identity provider could not lead back', (t) => {
  const oidc = {
    OIDC_ISSUER: 'https://login.example',
    OIDC_CLIENT_ID: 'x',
    OIDC_CLIENT_SECRET: 'x',
    OIDC_MAP_FILE: temporaryFile(t, CLAIM_MAP),
  };
  const production = { NODE_ENV: 'production', AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY, ...SIGNING };
  for (const env of [production, { PORT: '0' }]) {
    assert.match(
      problemsOf({ ...oidc, ...env }).join(),
      /^PUBLIC_URL is required with OIDC_ISSUER in production/,
    );
    assert.deepEqual(problemsOf({ ...oidc, ...env, PUBLIC_URL: 'https://evidence.example' }), []);
    assert.deepEqual(problemsOf(env), []);
  }
});
