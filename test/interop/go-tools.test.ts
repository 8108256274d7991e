// Other people's programs, in Go, open what is served: x/mod's note, tessera's fsck, torchwood's client and litewitness.
// `npm run test:interop` builds them and runs this; `npm test` skips it.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { createTokenRepository } from '../../shared/accounts/token-repository.ts';
import { logKey } from '../../shared/transparency/log-origin.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import {
  formatVerifierKey,
  parseVerifierKey,
  verifierKeyOf,
} from '../../shared/transparency/verifier-key.ts';
import type { Witness } from '../../workers/account-log/witness-client.ts';
import { NEVER, openTestLogs, TEST_SIGNING } from '../support/account-logs.ts';
import { createWriter, writeSession } from '../support/audit-world.ts';
import { eventually } from '../support/eventually.ts';
import { LOCAL } from '../support/local.ts';
import { growLog } from '../support/long-log.ts';
import { pemOf, signerOf } from '../support/signers.ts';
import { startApp, type TestApp } from '../support/start-app.ts';

/** Where the programs are; undefined where they were not built. */
const PROGRAMS = process.env.INTEROP_PROGRAMS;
const NOT_BUILT = PROGRAMS === undefined && 'runs by npm run test:interop, which needs Go';

const AUDIT_KEYS = `k_test:${'07'.repeat(32)}`;
const SIZES = [1, 255, 256, 257, 300, 65_536, 70_000];

test('others walk the log at every size, with the cosignature of litewitness', {
  skip: NOT_BUILT,
}, async (t) => {
  const { app, db, sessions, accountId, key, token, litewitness } = await start(t);
  const logs = await openTestLogs(t, { db, sessions }, { witnesses: [litewitness.witness] });
  const policy = policyOf(key, litewitness.key);
  for (const size of SIZES) {
    await growLog({ db }, logs, accountId, size);
    assert.equal(await interop(['log', `${app.url}/api/v1/log`, policy], { token }), `${size}\n`);
  }
  const byOther = policyOf(wrongKey(key), litewitness.key);
  await assert.rejects(
    interop(['log', `${app.url}/api/v1/log`, byOther], { token }),
    /note verification failed/,
  );
});

test('litewitness cosigns what it missed, and cosigns anew after it lost what it held', {
  skip: NOT_BUILT,
}, async (t) => {
  const { app, db, sessions, accountId, key, token, litewitness } = await start(t);
  const logs = await openTestLogs(t, { db, sessions }, { witnesses: [litewitness.witness] });
  const policy = policyOf(key, litewitness.key);
  const walk = () => interop(['log', `${app.url}/api/v1/log`, policy], { token });
  await growLog({ db }, logs, accountId, 5);
  await litewitness.stop();
  await growLog({ db }, logs, accountId, 300);
  await assert.rejects(walk(), /note verification failed/);
  await litewitness.start();
  await logs.logs.keep(accountId, NEVER);
  assert.equal(await walk(), '300\n');
  await litewitness.stop();
  await litewitness.start({ empty: true });
  await growLog({ db }, logs, accountId, 301);
  assert.equal(await walk(), '301\n');
});

test('after a change of key, those who hold the earlier key and those who hold the new one open the checkpoint', {
  skip: NOT_BUILT,
}, async (t) => {
  const { app, db, sessions, accountId, key, token, litewitness } = await start(t, {
    SIGNING_KEY: pemOf(2),
    PREVIOUS_SIGNING_KEY: pemOf(1),
  });
  const options = { witnesses: [litewitness.witness] };
  await growLog({ db }, await openTestLogs(t, { db, sessions }, options), accountId, 3);
  const settings = { ...TEST_SIGNING, privateKeyPem: pemOf(2), previousPem: pemOf(1) };
  const { logs, signing } = await openTestLogs(t, { db, sessions }, { ...options, settings });
  assert.deepEqual(await logs.listDue(), [accountId]);
  await logs.keep(accountId, NEVER);
  for (const each of [key, formatVerifierKey(logKey(signing.identity, accountId))]) {
    const policy = policyOf(each, litewitness.key);
    assert.equal(await interop(['log', `${app.url}/api/v1/log`, policy], { token }), '4\n');
  }
});

test('others open the statement of a report, and the proofs of a session and a report', {
  skip: NOT_BUILT,
}, async (t) => {
  const { app, db, sessions, accountId, cookie, key, litewitness } = await start(t);
  const world = { ...createWriter(db), db };
  const { logs } = await openTestLogs(t, { db, sessions }, { witnesses: [litewitness.witness] });
  const { id } = await writeSession(world, 5, { accountId });
  await logs.keep(accountId, NEVER);
  const get = async (path: string) => await (await app.get(`/api/v1${path}`, cookie)).text();
  const json = await get(`/sessions/${id}/report`);
  const { report } = JSON.parse(json) as { report: { id: string } };
  await logs.keep(accountId, NEVER);

  const statement = await get(`/reports/${report.id}/statement`);
  const text = await interop(['note', key], { input: statement });
  assert.equal(text.split('\n')[2], hash('sha256', json, 'base64'));
  await assert.rejects(interop(['note', wrongKey(key)], { input: statement }), /no verifiable signatures/);
  const changed = statement.replace('report/v1', 'report/v2');
  await assert.rejects(interop(['note', key], { input: changed }), /invalid signature/);

  const policy = policyOf(key, litewitness.key);
  for (const [path, about] of [
    [`/sessions/${id}/proof`, id],
    [`/reports/${report.id}/proof`, report.id],
  ] as const) {
    const proof = await get(path);
    assert.match(await interop(['proof', policy], { input: proof }), new RegExp(`"${about}"`));
    const wrong = policyOf(wrongKey(key), litewitness.key);
    await assert.rejects(interop(['proof', wrong], { input: proof }), /note verification failed/);
    const moved = proof.replace(/^index .*$/m, 'index 0');
    await assert.rejects(interop(['proof', policy], { input: moved }), /inclusion proof verification failed/);
  }
});

async function start(t: TestContext, env: Record<string, string> = {}) {
  // Ended before the API, which fails the test where anything is still open.
  let end = async () => {};
  t.after(() => end());
  const app = await startApp(t, { AUDIT_KEYS, ...env });
  const { db } = app.database;
  const { accountId, cookie } = await app.addTenant('Clinic');
  const key = formatVerifierKey(logKey(openSigning(TEST_SIGNING).identity, accountId));
  const token = await tokenOf(app, accountId);
  const litewitness = await startLitewitness([key]);
  end = litewitness.end;
  return { app, db, sessions: app.deps.sessions, accountId, cookie, key, token, litewitness };
}

async function tokenOf(app: TestApp, accountId: string): Promise<string> {
  const expiresAt = new Date(Date.now() + 3_600_000);
  const tokens = createTokenRepository(app.database.db);
  return (await tokens.create(accountId, { name: 'auditor', scopes: ['log:read'], expiresAt })).text;
}

/** A policy as torchwood and tessera read it: the log's key and a witness. */
function policyOf(key: string, witness: string): string {
  return `log ${key}\nwitness w ${witness}\nquorum w\n`;
}

/** Another key of the same name. */
function wrongKey(key: string): string {
  const { name } = parseVerifierKey(key)!;
  return formatVerifierKey(verifierKeyOf(name, signerOf(9).publicKey));
}

/** What the program printed; rejects with what it says is wrong. */
async function interop(args: readonly string[], { token = '', input = '' } = {}): Promise<string> {
  const { stdout } = await execa(join(PROGRAMS!, 'interop'), args, {
    env: { TOKEN: token },
    input,
    stripFinalNewline: false,
  });
  return stdout;
}

/** litewitness on a port of its own, with a key that stays when it starts anew. */
async function startLitewitness(logs: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'litewitness-'));
  const port = await freePort();
  let run = 0;
  let stop = async () => {};

  async function start({ empty = false } = {}): Promise<string> {
    if (empty) run += 1;
    const own = [join(PROGRAMS!, 'litewitness'), join(folder, `${run}.db`), `127.0.0.1:${port}`];
    const child = execa(join(PROGRAMS!, 'interop'), ['witness', ...own, 'witness.example/lite', ...logs], {
      reject: false,
    });
    stop = async () => {
      child.stdin.end();
      await child;
    };
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const listens = async () => (await fetch(`http://127.0.0.1:${port}/`)).ok;
    await eventually('litewitness listens', listens);
    return line.toString().trim();
  }

  const key = await start();
  const witness: Witness = { key: parseVerifierKey(key)!, url: `http://127.0.0.1:${port}` };
  const end = async () => {
    await stop();
    await rm(folder, { recursive: true });
  };
  return { key, witness, start, stop: () => stop(), end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(LOCAL.port, LOCAL.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
