// The evidence pack, from a session over HTTP to a verifier that is given nothing but the zip and the key.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { appendEvents } from '../../../../shared/log-writer/append.ts';
import { closeLog } from '../../../../shared/log-writer/close-log.ts';
import { openSession } from '../../../../shared/log-writer/open-session.ts';
import {
  formatVerifierKey,
  parseVerifierKey,
  type VerifierKey,
  verifierKeyOf,
} from '../../../../shared/transparency/verifier-key.ts';
import { NEVER, openTestLogs } from '../../../support/account-logs.ts';
import {
  createWriter,
  draftEvent,
  startSession,
  TEST_KEY,
  writeSession,
} from '../../../support/audit-world.ts';
import { policyFile } from '../../../support/policies.ts';
import { readTexts } from '../../../support/segments.ts';
import { signerOf } from '../../../support/signers.ts';
import { startApp } from '../../../support/start-app.ts';

const AUDIT_KEYS = `k_test:${'07'.repeat(32)}`;
const VERIFY = join(import.meta.dirname, '../../../../scripts/verifiers/verify.mjs');

async function start(t: TestContext, env: Record<string, string> = {}) {
  const app = await startApp(t, { AUDIT_KEYS, ...env });
  const { db } = app.database;
  const world = { ...createWriter(db), db };
  const tenant = await app.addTenant('Clinic');
  const { logs } = await openTestLogs(t, world);
  const folder = await mkdtemp(join(tmpdir(), 'pack-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const get = (path: string, cookie = tenant.cookie) => app.get(`/api/v1${path}`, cookie);
  return {
    ...{ app, world, tenant, get, folder },
    write: (size: number) => writeSession(world, size, { accountId: tenant.accountId }),
    keep: () => logs.keep(tenant.accountId, NEVER),
  };
}

type Line = { axis: string; verdict: string; detail: string };

async function verify(files: readonly string[], args: readonly string[]) {
  const child = spawn(process.execPath, [VERIFY, ...files, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part) => parts.push(part));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const lines = Buffer.concat(parts).toString().trim().split('\n');
  return { code, lines: lines.map((line) => JSON.parse(line) as Line) };
}

test('a pack holds with nothing but the key, and with the audit key its chain and seal too', async (t) => {
  const { write, keep, get, folder } = await start(t);
  const session = await write(600);
  assert.equal((await get(`/sessions/${session.id}/evidence`)).status, 404);
  await keep();
  const answer = await get(`/sessions/${session.id}/evidence`);
  assert.equal(answer.status, 200, answer.status === 200 ? '' : await answer.text());
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(Number(answer.headers.get('content-length')), bytes.length);
  const [pack, keys] = [join(folder, 'evidence.zip'), join(folder, 'keys')];
  await writeFile(pack, bytes);
  await writeFile(keys, `${AUDIT_KEYS}\n`);
  const key = (await (await get('/log/key')).text()).trim();
  const found = await verify([pack], ['--key', key, '--audit-key-file', keys]);
  const verdicts = Object.fromEntries(found.lines.map(({ axis, verdict }) => [axis, verdict]));
  assert.deepEqual(
    verdicts,
    {
      bytes: 'verified',
      statement: 'verified',
      entries: 'verified',
      completeness: 'verified',
      log: 'verified',
      witnesses: 'not checked',
      pages: 'not checked',
      macs: 'verified',
    },
    JSON.stringify(found.lines),
  );
  assert.equal(found.code, 0);
  const { name } = parseVerifierKey(key) as VerifierKey;
  const wrong = await verify(
    [pack],
    ['--key', formatVerifierKey(verifierKeyOf(name, signerOf(9).publicKey))],
  );
  assert.deepEqual(
    wrong.lines.filter(({ verdict }) => verdict === 'verified'),
    [],
  );
  assert.equal(wrong.code, 2);
});

test('two packs of one session are the same but for the report and its statement', async (t) => {
  const { write, keep, get } = await start(t, { CHROME_PATH: '/nowhere' });
  const session = await write(5);
  await keep();
  const read = async () =>
    unzip(Buffer.from(await (await get(`/sessions/${session.id}/evidence`)).arrayBuffer()));
  const [first, second] = [await read(), await read()];
  const differing = [...first].flatMap(([name, bytes]) => (second.get(name)?.equals(bytes) ? [] : [name]));
  assert.deepEqual(differing, ['report.json', 'report.note']);
  assert.deepEqual(
    [...second.keys()],
    [
      ...['report.json', 'report.note', 'entries.ndjson', 'session_closed.json', 'session.tlog-proof'],
      ...['policy.yaml', 'VERIFY.md', 'verify.mjs', 'verify.py', 'verify.html'],
    ],
  );
});

/** The files of a zip without compression, by its local headers. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const [size, nameLength] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const begin = at + 30 + nameLength;
    files.set(zip.toString('latin1', at + 30, begin), zip.subarray(begin, begin + size));
    at = begin + size;
  }
  return files;
}

test('every entry of a long log is in its pack, in order', async (t) => {
  const { write, keep, get, world } = await start(t, { CHROME_PATH: '/nowhere' });
  const session = await write(5_000);
  await keep();
  const bytes = Buffer.from(await (await get(`/sessions/${session.id}/evidence`)).arrayBuffer());
  const texts = await readTexts(world.db, session);
  assert.ok(bytes.includes(Buffer.from(`${texts.join('\n')}\n`)));
});

test('no pack leaves with an entry that may hold PHI, and its place is named', async (t) => {
  const { keep, get, world, tenant } = await start(t, { CHROME_PATH: '/nowhere' });
  const { id } = await startSession(world, tenant.accountId);
  const drafts = [draftEvent(0), { ...draftEvent(1), note: 'reach her at 555-867-5309 or 212-555-0187' }];
  await appendEvents(world, tenant.accountId, id, drafts as never);
  await closeLog(world, tenant.accountId, id, { endedAt: new Date(), status: 'ok' });
  await keep();
  const answer = await get(`/sessions/${id}/evidence`);
  assert.equal(answer.status, 500);
  const { error } = (await answer.json()) as { error: { reason: string; message: string } };
  assert.equal(error.reason, 'leak_scan');
  assert.match(error.message, /seq 1/);
  assert.doesNotMatch(error.message, /867/);
  // Proofs hand out the same entry: they are refused for it, and for no other.
  for (const path of ['events/1/proof', 'events/proof?from=0&to=2']) {
    const proof = await get(`/sessions/${id}/${path}`);
    const refused = (await proof.json()) as { error: { reason: string; message: string } };
    assert.deepEqual([proof.status, refused.error.reason], [500, 'leak_scan'], path);
    assert.match(refused.error.message, /seq 1 .*so no proof leaves/);
    assert.doesNotMatch(refused.error.message, /867/);
  }
  for (const path of ['events/0/proof', 'events/proof?from=0&to=1'])
    assert.equal((await get(`/sessions/${id}/${path}`)).status, 200, path);
});

test('a masked word that is also one of the operator lets an entry leave with a pack and with a proof alike', async (t) => {
  const { keep, get, world, tenant } = await start(t, { CHROME_PATH: '/nowhere' });
  const { accountId, agentId } = tenant;
  const text = `${policyFile('healthcare-default@1').replace(
    'entities:',
    'entities:\n  ZODIAC: {action: passthrough}\n  WIDGETRY: {action: redact}',
  )}\naudits: {}\n`;
  const policy = { name: 'healthcare-default', version: 1, text, sha256Hex: hash('sha256', text) };
  assert.notEqual(await world.policies.insert(accountId, policy), 'conflict');
  const words = [
    ...['Clinic', 'Clinic agent', 'Test User', 'gpt-4o-mini', TEST_KEY.id],
    ...['healthcare-default', 'ZODIAC', 'WIDGETRY', 'audits'],
  ];
  const saying = (of: (word: string, i: number) => string) => words.map((word, i) => `It is ${of(word, i)}.`);
  const { id } = await openSession(world, accountId, {
    ...{ agentId, startedAt: new Date(Date.now() - 60_000), upstreamModel: 'gpt-4o-mini', policy },
    payloads: {
      request: saying((word) => word),
      masked: saying((_, i) => `<NAME_${i}>`),
      response: null,
    },
  });
  const drafts = words.map((note, i) => ({ ...draftEvent(i), note }));
  await appendEvents(world, accountId, id, drafts as never);
  await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
  await keep();
  const pack = await get(`/sessions/${id}/evidence`);
  const sent = await pack.text();
  assert.equal(pack.status, 200, sent.slice(0, 500));
  for (const [i, word] of words.entries()) {
    const proof = await get(`/sessions/${id}/events/${i}/proof`);
    await proof.arrayBuffer();
    assert.equal(proof.status, 200, word);
  }
});

test('the pack is refused as a report is, and asks before it makes anything', async (t) => {
  const { app, write, keep, get, tenant } = await start(t, { CHROME_PATH: '/nowhere' });
  const session = await write(5);
  await keep();
  const path = `/sessions/${session.id}/evidence`;
  const other = await app.addTenant('Other');
  assert.equal((await app.get(`/api/v1${path}`, null)).status, 401);
  assert.equal((await get(path, await app.login(tenant.accountId, ['reports:read']))).status, 403);
  assert.equal((await get(`${path}?x=1`)).status, 422);
  assert.equal((await get(path, other.cookie)).status, 404);
  const head = await app.get(`/api/v1${path}`, tenant.cookie, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'application/zip']);
  const fileName = `attachment; filename="masker-evidence-${session.id}.zip"`;
  assert.equal(head.headers.get('content-disposition'), fileName);
  assert.equal((await app.deps.ledger.list(tenant.accountId, { after: null, limit: 10 })).length, 0);
  const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
  assert.equal((await app.get(`/api/v1${path}`, tenant.cookie, crossSite)).status, 403);
  assert.ok((await readFile(VERIFY)).length > 0);
});

test('a pack that no verifier would read is refused before a report is made for it', async (t) => {
  const { app, write, keep, get, tenant } = await start(t, { CHROME_PATH: '/nowhere' });
  // Of a shorter log it is known without a look that a pack holds it.
  const session = await write(8_192);
  await keep();
  const { pool, ledger } = app.deps;
  const { measureEntries, surveyEntries } = pool;
  const limits: number[] = [];
  Object.assign(pool, {
    measureEntries: async (...[order, options]: Parameters<typeof measureEntries>) => {
      limits.push(order.limit);
      return await measureEntries({ ...order, limit: 1_000_000 }, options);
    },
  });
  const path = `/sessions/${session.id}/evidence`;
  const refused = async () => {
    const answer = await get(path);
    const { error } = (await answer.json()) as { error: { code: string; param: string; message: string } };
    assert.deepEqual([answer.status, error.code, error.param], [422, 'validation_failed', 'session_id']);
    return error.message;
  };
  const message = await refused();
  assert.match(message, /^The 8192 entries of the log have more bytes, .* 268435456 bytes \(256 MiB\)/);
  assert.match(message, /events\/proof\?from=…&to=….* npm run verify .* npm run export/);
  assert.deepEqual(await ledger.list(tenant.accountId, { after: null, limit: 10 }), []);
  // What stands beside the entries counts, too.
  Object.assign(pool, {
    measureEntries,
    surveyEntries: async (...args: Parameters<typeof surveyEntries>) => ({
      ...(await surveyEntries(...args)),
      bytes: limits[0],
    }),
  });
  assert.match(await refused(), /^The pack would have 268\d{6} bytes, /);
  Object.assign(pool, { surveyEntries });
  const answer = await get(path);
  assert.equal(answer.status, 200);
  assert.equal((await answer.arrayBuffer()).byteLength, Number(answer.headers.get('content-length')));
});

test('the limit of a pack is that of each verifier', async () => {
  const folder = join(import.meta.dirname, '../../../../scripts');
  for (const [name, limit] of [
    ['verifiers/VERIFY.md', /the files of a pack together when they are unpacked \| 256 MiB/],
    ['verifiers/verify.mjs', /SIZE_LIMIT = 256 \* 1024 \* 1024;/],
    ['verifiers/verify.py', /FILE_LIMIT = 256 \* MIB\n[\s\S]*UNPACKED_LIMIT = 256 \* MIB\n/],
    ['verifiers/verify.html', /file: 256 \* MIB,.* unpacked: 256 \* MIB/],
    ['verify/evidence/run-evidence.ts', /LIMIT = 256 \* 1024 \* 1024;/],
    ['verify/evidence/read-zip.ts', /LIMIT = 256 \* 1024 \* 1024;/],
  ] as const) {
    assert.match(await readFile(join(folder, name), 'utf8'), limit, name);
  }
});
