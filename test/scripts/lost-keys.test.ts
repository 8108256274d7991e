// What an operator meets who lost DATA_DIR/keys.json: no process makes another audit key beside the logs that it signed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { withLocalKeys } from '../../shared/process/local-keys.ts';
import { LOG_HEADS, type StoredCheckpoint, type StoredLogHead } from '../../shared/transparency/log-rows.ts';
import { createLogWorld, type LogWorld, startSession, writeSession } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { eventually } from '../support/eventually.ts';

const NOTHING_STORED = { neededKeys: async () => [], logOrigins: async () => [] };

type Lost = Readonly<{ world: LogWorld; env: Record<string, string>; file: string; keyId: string }>;

/** A database with two sessions under a local key, whose file is moved to `FILE.copy`. */
async function loseKeys(t: TestContext): Promise<Lost> {
  const world = await createLogWorld(t);
  const dataDir = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const { auditKeys } = await withLocalKeys(parseConfig({ DATA_DIR: dataDir }), NOTHING_STORED);
  const local = { ...world, keyring: createKeyring(auditKeys) };
  await writeSession(local, 3);
  await startSession(local);
  const file = join(dataDir, 'keys.json');
  renameSync(file, `${file}.copy`);
  const env = {
    ...commandEnv(world.database, dataDir, ''),
    PATH: '',
    XDG_CACHE_HOME: dataDir,
    CHROME_PATH: '/absent',
    PORT: '0',
    REPORT_THREADS: '1',
  };
  return { world, env, file, keyId: auditKeys[0]!.id };
}

function run(t: TestContext, main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../..', main)], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited, output: () => output };
}

for (const main of ['scripts/start.ts', 'api/main.ts', 'workers/main.ts']) {
  test(`${main} refuses to make an audit key while stored logs need the lost one, and names the file`, async (t) => {
    const { env, file, keyId } = await loseKeys(t);
    const { exited, output } = run(t, main, env);
    assert.equal(await exited, 1, output());
    assert.match(output(), new RegExp(`${keyId} is not configured \\(2 sessions\\)`));
    assert.ok(output().includes(`Bring back ${file} from a copy`), output());
    assert.ok(!existsSync(file));
  });
}

for (const main of ['scripts/start.ts', 'api/main.ts', 'workers/main.ts']) {
  test(`${main} refuses to make a signing key while account logs are stored, and names the file`, async (t) => {
    const { world, env, file } = await loseKeys(t);
    renameSync(`${file}.copy`, file);
    const signingKey = join(file, '../signing-key.pem');
    rmSync(signingKey);
    const accountId = newId('account');
    const origin = `localhost/01HZX3V7Q9W8R5T2Y4K6M8N0PA/${accountId}`;
    const checkpoint = { note: `${origin}\n1\n` } as StoredCheckpoint;
    await world.db.collection<StoredLogHead>(LOG_HEADS).insertOne({ _id: accountId, marked: 1, checkpoint });
    const { exited, output } = run(t, main, env);
    assert.equal(await exited, 1, output());
    assert.ok(output().includes(`1 account log is stored, such as ${origin}, and ${signingKey}`), output());
    assert.ok(!existsSync(signingKey));
  });
}

test('npm start runs again once keys.json is brought back, and with a configured key names those it lacks', async (t) => {
  const { env, file, keyId } = await loseKeys(t);
  const configured = run(t, 'scripts/start.ts', { ...env, AUDIT_KEYS: `k_new:${'9f'.repeat(32)}` });
  await eventually('it serves', () => assert.match(configured.output(), /The API is at /), {
    everyMs: 50,
  });
  const said = `^Stored logs need audit keys: ${keyId} is not configured \\(2 sessions\\)\\. Set AUDIT_KEYS to`;
  assert.match(configured.output(), new RegExp(said, 'm'));
  assert.match(configured.output(), new RegExp(`"key_ids":\\["${keyId}"\\]`));
  configured.child.kill('SIGTERM');
  assert.equal(await configured.exited, 0);

  renameSync(`${file}.copy`, file);
  const again = run(t, 'scripts/start.ts', env);
  await eventually('it serves', () => assert.match(again.output(), /The API is at /), {
    everyMs: 50,
  });
  assert.doesNotMatch(again.output(), /Stored logs need audit keys/);
  again.child.kill('SIGTERM');
  assert.equal(await again.exited, 0);
});

test('no command makes an audit key, whether or not stored logs need one', async (t) => {
  const { world, env, file } = await loseKeys(t);
  const session = await startSession(world);
  for (const [script, ...args] of [
    ['verify.ts', '--all'],
    ['verify.ts', session.id],
    ['backfill-merkle-roots.ts', '--verify'],
    ['rebuild-aggregates.ts', '--dry-run'],
    ['import.ts', 'test/data/clinic-week', '--dry-run'],
  ] as const) {
    await runScript(script, args, env);
    assert.ok(!existsSync(file), script);
  }
  await world.db.dropDatabase();
  assert.equal((await runScript('verify.ts', ['--all'], env)).code, 0);
  assert.ok(!existsSync(file));
});
