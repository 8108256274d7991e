import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { ConfigError, parseConfig } from '../../../shared/process/config.ts';
import { readLocalKeys, withLocalKeys } from '../../../shared/process/local-keys.ts';
import type { NeededKey } from '../../../shared/sessions/key-needs.ts';
import { pemOf } from '../../support/signers.ts';

const KEY = 'ab'.repeat(32);
const OTHER_KEY = 'cd'.repeat(32);
const FILES = ['keys.json', 'signing-key.pem'];

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'data');
}

const SIGNING = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: 'evidence.example.org' };

function loadKeys(
  dataDir: string,
  env: Record<string, string> = {},
  needed: readonly NeededKey[] = [],
  origins: readonly string[] = [],
) {
  return withLocalKeys(parseConfig({ DATA_DIR: dataDir, ...env }), {
    neededKeys: async () => needed,
    logOrigins: async () => origins,
  });
}

test('missing keys are made once and then kept', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await loadKeys(dataDir);
  assert.equal(first.auditKeys.length, 1);
  assert.match(first.auditKeys[0]?.id ?? '', /^k_[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(first.auditKeys[0]?.bytes.length, 32);
  assert.equal(first.cursorKey.length, 32);
  assert.match(first.signing.privateKeyPem, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.match(first.signing.origin, /^localhost\/[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual(await loadKeys(dataDir), first);
});

test('only their owner can read the kept keys', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir);
  assert.deepEqual(readdirSync(dataDir), FILES);
  for (const name of FILES) assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
});

test('kept audit keys come after the configured ones', async (t) => {
  const dataDir = temporaryFolder(t);
  const kept = (await loadKeys(dataDir)).auditKeys[0]?.id;
  const { auditKeys } = await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}` });
  assert.deepEqual(
    auditKeys.map((key) => key.id),
    ['k1', kept],
  );
});

test('no audit key is made beside a configured one, and none is written down', async (t) => {
  const dataDir = temporaryFolder(t);
  const { auditKeys } = await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}` });
  assert.equal(auditKeys.length, 1);
  assert.ok(!readFileSync(join(dataDir, 'keys.json'), 'utf8').includes(KEY));
});

test('an audit key that goes missing later is made beside the kept cursor key', async (t) => {
  const dataDir = temporaryFolder(t);
  const { cursorKey } = await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}` });
  const later = await loadKeys(dataDir);
  assert.equal(later.auditKeys.length, 1);
  assert.deepEqual(later.cursorKey, cursorKey);
});

test('a fully configured process writes no file', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY, ...SIGNING });
  assert.ok(!existsSync(dataDir));
});

test('a kept key with the id of a configured one must be the same', async (t) => {
  const dataDir = temporaryFolder(t);
  const id = (await loadKeys(dataDir)).auditKeys[0]?.id;
  await assert.rejects(loadKeys(dataDir, { AUDIT_KEYS: `${id}:${KEY}` }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /one key id two values/);
    return !error.message.includes(KEY);
  });
});

test('a damaged key file is refused and left as it is', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir);
  const file = join(dataDir, 'keys.json');
  const damaged = readFileSync(file, 'utf8').slice(0, -9);
  writeFileSync(file, damaged);
  await assert.rejects(loadKeys(dataDir), ConfigError);
  assert.equal(readFileSync(file, 'utf8'), damaged);
});

test('production neither reads nor writes the file', async (t) => {
  const dataDir = temporaryFolder(t);
  const production = { NODE_ENV: 'production', AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY, ...SIGNING };
  await loadKeys(dataDir, production);
  assert.ok(!existsSync(dataDir));

  await loadKeys(dataDir);
  const { auditKeys, signing } = await loadKeys(dataDir, production);
  assert.equal(signing.origin, SIGNING.LOG_ORIGIN);
  assert.deepEqual(
    auditKeys.map((key) => key.id),
    ['k1'],
  );
});

test('processes that start at once agree on the keys', async (t) => {
  const dataDir = temporaryFolder(t);
  const configModule = new URL('../../../shared/process/config.ts', import.meta.url).href;
  const keysModule = new URL('../../../shared/process/local-keys.ts', import.meta.url).href;
  const script = `
    import { parseConfig } from '${configModule}';
    import { withLocalKeys } from '${keysModule}';
    const nothing = { neededKeys: async () => [], logOrigins: async () => [] };
    const config = await withLocalKeys(parseConfig({ DATA_DIR: process.argv[1] }), nothing);
    console.log(config.auditKeys.map((key) => key.id).join(), Buffer.from(config.cursorKey).toString('hex'));
    console.log(JSON.stringify(config.signing));
  `;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, dataDir]);
  const outputs = await Promise.all([run(), run(), run(), run()]);
  assert.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1);
  assert.deepEqual(readdirSync(dataDir), FILES);
});

test('no audit key is made while stored logs need one, and the error names the file and the keys', async (t) => {
  const dataDir = temporaryFolder(t);
  const needed = { keyId: 'k_lost', problem: 'missing', sessionCount: 383 } as const;
  await assert.rejects(loadKeys(dataDir, {}, [needed]), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /k_lost is not configured \(383 sessions\)/);
    return error.message.includes(`Bring back ${join(dataDir, 'keys.json')}`);
  });
  assert.ok(!existsSync(dataDir));
});

test('no audit key is made beside a kept cursor key while stored logs need one', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}` });
  const before = readFileSync(join(dataDir, 'keys.json'), 'utf8');
  const needed = { keyId: 'k1', problem: 'missing', sessionCount: 1 } as const;
  await assert.rejects(loadKeys(dataDir, {}, [needed]), /k1 is not configured \(1 session\)/);
  assert.equal(readFileSync(join(dataDir, 'keys.json'), 'utf8'), before);
});

test('a missing cursor key is made whatever keys stored logs need', async (t) => {
  const needed = { keyId: 'k_other', problem: 'missing', sessionCount: 1 } as const;
  const { cursorKey } = await loadKeys(temporaryFolder(t), { AUDIT_KEYS: `k1:${KEY}` }, [needed]);
  assert.equal(cursorKey.length, 32);
});

test('reading the local keys makes none', async (t) => {
  const dataDir = temporaryFolder(t);
  const config = parseConfig({ DATA_DIR: dataDir });
  const none = await readLocalKeys(config);
  assert.deepEqual([none.auditKeys, none.signing], [[], null]);
  assert.ok(!existsSync(dataDir));
  const { auditKeys, signing } = await loadKeys(dataDir);
  const kept = await readLocalKeys(config);
  assert.deepEqual([kept.auditKeys, kept.signing], [auditKeys, signing]);
});

test('a configured signing key is used instead of the kept one, which stays', async (t) => {
  const dataDir = temporaryFolder(t);
  const { signing: kept } = await loadKeys(dataDir);
  const configured = await loadKeys(dataDir, SIGNING);
  assert.equal(configured.signing.privateKeyPem, SIGNING.SIGNING_KEY);
  assert.equal(
    (await readLocalKeys(parseConfig({ DATA_DIR: dataDir, ...SIGNING }))).signing?.origin,
    SIGNING.LOG_ORIGIN,
  );
  assert.deepEqual((await loadKeys(dataDir)).signing, kept);
});

test('a folder of an earlier version, without a signing key, gets one and keeps its other keys', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await loadKeys(dataDir);
  const file = join(dataDir, 'keys.json');
  const { log_origin: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  rmSync(join(dataDir, 'signing-key.pem'));
  const later = await loadKeys(dataDir);
  assert.deepEqual([later.auditKeys, later.cursorKey], [first.auditKeys, first.cursorKey]);
  assert.notEqual(later.signing.privateKeyPem, first.signing.privateKeyPem);
});

test('no signing key is made while account logs are stored, and the error names the file and the origin', async (t) => {
  const dataDir = temporaryFolder(t);
  const { signing } = await loadKeys(dataDir);
  const file = join(dataDir, 'signing-key.pem');
  rmSync(file);
  const stored = [`${signing.origin}/acc_1`, `${signing.origin}/acc_2`];
  await assert.rejects(loadKeys(dataDir, {}, [], stored), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.ok(error.message.includes(`2 account logs are stored, such as ${stored[0]}, and ${file}`));
    return error.message.includes(`LOG_ORIGIN to ${signing.origin},`);
  });
  assert.ok(!existsSync(file));
  // Without logs nothing is lost, and the origin stays.
  const again = await loadKeys(dataDir);
  assert.equal(again.signing.origin, signing.origin);
  assert.notEqual(again.signing.privateKeyPem, signing.privateKeyPem);
});

test('no origin is made for a kept signing key while account logs are stored', async (t) => {
  const dataDir = temporaryFolder(t);
  const { signing, auditKeys } = await loadKeys(dataDir);
  const file = join(dataDir, 'keys.json');
  rmSync(file);
  const [key] = auditKeys;
  const env = { AUDIT_KEYS: `${key?.id}:${Buffer.from(key!.bytes).toString('hex')}`, CURSOR_KEY: KEY };
  await assert.rejects(loadKeys(dataDir, env, [], [`${signing.origin}/acc_1`]), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.ok(error.message.includes(`${file} with their origin is lost`), error.message);
    return error.message.includes(`LOG_ORIGIN to ${signing.origin},`);
  });
  assert.ok(!existsSync(file));
  assert.equal((await loadKeys(dataDir, env)).signing.privateKeyPem, signing.privateKeyPem);
});

test('a damaged signing key is refused, named and left as it is, and nothing of it is shown', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir);
  const file = join(dataDir, 'signing-key.pem');
  const damaged = readFileSync(file, 'utf8').slice(0, -9);
  writeFileSync(file, damaged);
  for (const load of [() => loadKeys(dataDir), () => readLocalKeys(parseConfig({ DATA_DIR: dataDir }))]) {
    await assert.rejects(load, (error) => {
      assert.ok(error instanceof ConfigError && error.message.includes(`${file} is damaged`));
      return !error.message.includes(damaged.split('\n')[1] as string);
    });
  }
  assert.equal(readFileSync(file, 'utf8'), damaged);
});

test('a lock that a killed process left does not stop the next one', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}` });
  const lock = join(dataDir, 'keys.json.lock');
  mkdirSync(lock);
  utimesSync(lock, 0, 0);
  assert.equal((await loadKeys(dataDir)).auditKeys.length, 1);
  assert.ok(!existsSync(lock));
});
