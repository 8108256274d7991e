import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError, parseConfig } from '../../../shared/process/config.ts';
import { forgetSigningKeys } from '../../../shared/process/signing-settings.ts';
import { openSigning } from '../../../shared/transparency/open-signing.ts';
import { pemOf, signerOf } from '../../support/signers.ts';

const SIGNING_KEY = pemOf(1);
const LOG_ORIGIN = 'evidence.example.org';

/** What `openssl pkey -pubout` writes. */
function publicPemOf(seed: number): string {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), signerOf(seed).publicKey]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`;
}

const base64Of = (seed: number) => Buffer.from(signerOf(seed).publicKey).toString('base64');

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig({ SIGNING_KEY, LOG_ORIGIN, ...env });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

function temporaryFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'setting');
  writeFileSync(file, text);
  return file;
}

test('a signing key and an origin are configured together', () => {
  const { signing } = parseConfig({ SIGNING_KEY, LOG_ORIGIN });
  assert.deepEqual(signing, {
    origin: LOG_ORIGIN,
    privateKeyPem: SIGNING_KEY,
    previousPem: null,
    retiredPublicKeys: [],
  });
  assert.ok(Object.isFrozen(signing) && Object.isFrozen(signing.retiredPublicKeys));
  assert.deepEqual(openSigning(signing).identity.publicKeys[0], signerOf(1).publicKey);
});

test('a part of the settings alone is refused, with what is missing', () => {
  const starts = (env: Record<string, string>) => {
    assert.throws(() => parseConfig(env), ConfigError);
    return problemsOf({ SIGNING_KEY: '', LOG_ORIGIN: '', ...env }).map((line) => line.split(':')[0]);
  };
  assert.deepEqual(starts({ SIGNING_KEY }), ['LOG_ORIGIN is required with SIGNING_KEY']);
  assert.deepEqual(starts({ LOG_ORIGIN }), ['SIGNING_KEY is required with LOG_ORIGIN']);
  assert.deepEqual(starts({ PREVIOUS_SIGNING_KEY: SIGNING_KEY }), [
    'SIGNING_KEY is required with PREVIOUS_SIGNING_KEY',
    'LOG_ORIGIN is required with PREVIOUS_SIGNING_KEY',
  ]);
  assert.deepEqual(starts({ RETIRED_KEYS: base64Of(2) }), [
    'SIGNING_KEY is required with RETIRED_KEYS',
    'LOG_ORIGIN is required with RETIRED_KEYS',
  ]);
});

test('keys are read from files as openssl writes them, with any line ends', (t) => {
  const { signing } = parseConfig({
    SIGNING_KEY_FILE: temporaryFile(t, SIGNING_KEY.replaceAll('\n', '\r\n')),
    PREVIOUS_SIGNING_KEY_FILE: temporaryFile(t, pemOf(2)),
    RETIRED_KEYS_FILE: temporaryFile(
      t,
      `\n${publicPemOf(3)}\n${base64Of(4)}\n${publicPemOf(5)}${base64Of(4)}\n`,
    ),
    LOG_ORIGIN,
  });
  assert.ok(signing);
  const { identity, signers } = openSigning(signing);
  assert.deepEqual(
    signers.map(({ publicKey }) => publicKey),
    [signerOf(1).publicKey, signerOf(2).publicKey],
  );
  assert.deepEqual(
    identity.publicKeys.slice(1),
    [2, 3, 4, 5].map((seed) => signerOf(seed).publicKey),
  );
});

test('a private key of another kind or form is refused, with the command that makes one', () => {
  const pem = { format: 'pem', type: 'pkcs8' } as const;
  const others = {
    x25519: generateKeyPairSync('x25519').privateKey.export(pem),
    ed448: generateKeyPairSync('ed448').privateKey.export(pem),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem),
    'ec in its own form': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'pem',
      type: 'sec1',
    }),
    encrypted: generateKeyPairSync('ed25519').privateKey.export({
      ...pem,
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    }),
    public: publicPemOf(1),
    'two keys': SIGNING_KEY + pemOf(2),
    'the seed in hex': '01'.repeat(32),
    'a key cut short': SIGNING_KEY.slice(0, 70),
    'a key with text before it': `Private key\n${SIGNING_KEY}`,
    'an empty block': '-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----',
  };
  for (const [what, text] of Object.entries(others)) {
    for (const name of ['SIGNING_KEY', 'PREVIOUS_SIGNING_KEY']) {
      const [problem, ...rest] = problemsOf({ [name]: `${text}` });
      assert.ok(problem?.startsWith(`${name} must be one Ed25519 private key as PKCS#8 PEM`), what);
      assert.match(`${problem}`, /openssl genpkey -algorithm ed25519/);
      assert.deepEqual(rest, [], what);
    }
  }
});

test('an origin is a schema-less URL prefix in its one spelling', () => {
  const good = [
    ...[
      'evidence.example.org',
      'evidence.example.org/logs',
      'evidence.example.org:8443/a/b',
      'localhost/01HZX',
    ],
    ...['10.0.0.1', '[::1]:8080', 'xn--bcher-kva.example', 'a'.repeat(63)],
  ];
  for (const origin of good)
    assert.equal(parseConfig({ SIGNING_KEY, LOG_ORIGIN: origin }).signing?.origin, origin);
  const bad = [
    ...['https://evidence.example.org', '//evidence.example.org', '/logs', 'evidence.example.org/', 'a//'],
    ...['evidence example.org', 'evidence+example.org', 'evidence.example.org/a b', ' evidence.example.org'],
    ...[
      'evidence.example.org\n',
      'a\u0000b',
      'a\u00a0b',
      'a\u0085b',
      'a\tb',
      'Evidence.example.org',
      'bücher.example',
    ],
    ...['a?b', 'a#b', 'user@a', 'a\\b', 'a/../b', 'a/./b', 'a:443', 'a:port', '..', '%41', 'a/é'],
    ...[`a/${'b'.repeat(200)}`, '[::1'],
  ];
  for (const origin of bad) {
    const [problem, ...rest] = problemsOf({ LOG_ORIGIN: origin });
    assert.match(problem ?? '', /^LOG_ORIGIN must be a host/, JSON.stringify(origin));
    assert.deepEqual(rest, []);
  }
});

test('a key in two places is refused', () => {
  assert.match(
    problemsOf({ PREVIOUS_SIGNING_KEY: SIGNING_KEY })[0] ?? '',
    /^PREVIOUS_SIGNING_KEY is the key of/,
  );
  assert.match(
    problemsOf({ RETIRED_KEYS: publicPemOf(1) })[0] ?? '',
    /^RETIRED_KEYS has the key of SIGNING_KEY/,
  );
  assert.match(
    problemsOf({ RETIRED_KEYS: base64Of(1) })[0] ?? '',
    /^RETIRED_KEYS has the key of SIGNING_KEY/,
  );
});

test('each retired key that is none is named by its number', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'pem',
    type: 'spki',
  });
  const short = Buffer.alloc(31).toString('base64');
  const lines = [base64Of(2), short, publicPemOf(3), ec, `${base64Of(4)}x`, pemOf(5), 'word'];
  const problems = problemsOf({ RETIRED_KEYS: lines.join('\n') });
  const numbers = problems.map(
    (problem) => /^RETIRED_KEYS, key (\d+): must be an Ed25519/.exec(problem)?.[1],
  );
  // The lines of a block of another kind are counted one by one.
  assert.deepEqual(numbers.slice(0, 3), ['2', '4', '5']);
  assert.ok(!problems.join('\n').includes(short));
});

test('the private keys are removed from an environment once they are read', () => {
  const env: Record<string, string | undefined> = { SIGNING_KEY, PREVIOUS_SIGNING_KEY: 'b', LOG_ORIGIN };
  forgetSigningKeys(env);
  assert.deepEqual(env, { LOG_ORIGIN });
});
