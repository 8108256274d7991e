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

const KEY = 'ab'.repeat(32);
const OTHER_KEY = 'cd'.repeat(32);

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'data');
}

function loadKeys(dataDir: string, env: Record<string, string> = {}, needed: readonly NeededKey[] = []) {
  return withLocalKeys(parseConfig({ DATA_DIR: dataDir, ...env }), async () => needed);
}

test('missing keys are made once and then kept', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await loadKeys(dataDir);
  assert.equal(first.auditKeys.length, 1);
  assert.match(first.auditKeys[0]?.id ?? '', /^k_[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(first.auditKeys[0]?.bytes.length, 32);
  assert.equal(first.cursorKey.length, 32);
  assert.deepEqual(await loadKeys(dataDir), first);
});

test('only their owner can read the kept keys', async (t) => {
  const dataDir = temporaryFolder(t);
  await loadKeys(dataDir);
  assert.equal(statSync(join(dataDir, 'keys.json')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dataDir), ['keys.json']);
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
  await loadKeys(dataDir, { AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY });
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
  const production = { NODE_ENV: 'production', AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY };
  await loadKeys(dataDir, production);
  assert.ok(!existsSync(dataDir));

  await loadKeys(dataDir);
  const { auditKeys } = await loadKeys(dataDir, production);
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
    const config = await withLocalKeys(parseConfig({ DATA_DIR: process.argv[1] }), async () => []);
    console.log(config.auditKeys.map((key) => key.id).join(), Buffer.from(config.cursorKey).toString('hex'));
  `;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, dataDir]);
  const outputs = await Promise.all([run(), run(), run(), run()]);
  assert.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1);
  assert.deepEqual(readdirSync(dataDir), ['keys.json']);
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
  assert.deepEqual((await readLocalKeys(config)).auditKeys, []);
  assert.ok(!existsSync(dataDir));
  const { auditKeys } = await loadKeys(dataDir);
  assert.deepEqual((await readLocalKeys(config)).auditKeys, auditKeys);
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
