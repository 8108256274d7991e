// A bundle has no mark of an opening: the import makes it for each session that no seal covers.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Document } from 'mongodb';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { openSession } from '../../../shared/log-writer/open-session.ts';
import { parseAuditKeys } from '../../../shared/process/audit-keys-setting.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { naiveRootHex, recordStated } from '../../support/account-logs.ts';
import { createWriter } from '../../support/audit-world.ts';
import { copyBundle } from '../../support/bundles.ts';
import { draftsWithIds } from '../../support/draft-events.ts';
import { clinic, createImportWorld } from '../../support/import-world.ts';
import { readTexts } from '../../support/segments.ts';
import { changedCopy, createSmallAccount, importTwice } from '../../support/small-account.ts';

const parsed = parseAuditKeys(clinic.audit_keys);
assert.ok(parsed.ok);
const keyring = createKeyring(parsed.keys);

/** Ids of sessions with so many entries. */
function idsOf(count: number): string[] {
  return Object.entries(clinic.sessions).flatMap(([id, { event_count }]) =>
    event_count === count ? [id] : [],
  );
}

it('marks each unsealed session of a bundle, which is verified and goes on', async (t) => {
  const world = await createImportWorld(t);
  const bundle = await copyBundle(t, 'clinic-week');
  const [[empty, ended], [open]] = [idsOf(0), idsOf(300)] as [[string, string], [string]];
  const lines = (await bundle.readLines('sessions.ndjson')).map((line) => {
    const row = JSON.parse(line) as Document;
    if (![empty, ended, open].includes(row.id)) return line;
    const unsealed = { ...row, log: { ...row.log, seal: null } };
    return JSON.stringify(row.id === ended ? unsealed : { ...unsealed, ended_at: null, duration_ms: null });
  });
  await bundle.writeLines('sessions.ndjson', lines);
  const imported = await world.importDir(bundle.dir);
  assert.equal(imported.code, 0, imported.stdout);

  const rows = world.db.collection<StoredSession>('sessions');
  const marked = await rows.find({ 'log.opening': { $exists: true } }).toArray();
  assert.deepEqual(marked.map(({ _id }) => _id).sort(), [empty, ended, open].sort());
  const verified = await world.verifyAll();
  assert.equal(verified.code, 0, verified.stdout);
  const again = await world.importDir(bundle.dir, '--account', clinic.account_id);
  assert.match(again.stdout, /0 sessions imported, 0 extended, 120 stored already/);

  const writer = { ...createWriter(world.db), keyring };
  for (const id of [empty, open]) {
    const appended = await appendEvents(writer, clinic.account_id, id, draftsWithIds(1));
    assert.equal(appended.status, 'appended', id);
  }
  for (const id of [empty, ended, open]) {
    const closed = await closeLog(writer, clinic.account_id, id, { endedAt: new Date(), status: 'ok' });
    assert.equal(closed.status, 'sealed', id);
  }
  assert.equal((await world.verifyAll()).code, 0);
});

it('replaces no stored session whose mark is of other facts', async (t) => {
  const world = await createImportWorld(t);
  const bundle = await copyBundle(t, 'clinic-week');
  const id = idsOf(300)[0] as string;
  const sealed = await bundle.readLines('sessions.ndjson');
  const unsealed = sealed.map((line) => {
    const row = JSON.parse(line) as Document;
    return row.id === id ? JSON.stringify({ ...row, log: { ...row.log, seal: null } }) : line;
  });
  await bundle.writeLines('sessions.ndjson', unsealed);
  assert.equal((await world.importDir(bundle.dir)).code, 0);
  const rows = world.db.collection<StoredSession>('sessions');
  await rows.updateOne({ _id: id }, { $set: { 'log.opening': 'ab'.repeat(32) } });
  await bundle.writeLines('sessions.ndjson', sealed);
  const refused = await world.importDir(bundle.dir, '--account', clinic.account_id);
  assert.equal(refused.code, 2);
  assert.match(refused.stdout, new RegExp(`refused ${id}: .*the row is damaged: log\\.opening`));
  assert.equal((await rows.findOne({ _id: id }))?.log.seal, null);
});

it('refuses an open session whose start is not that of a signed report on it', async (t) => {
  const account = await createSmallAccount(t);
  const { world, accountId, agentId } = account;
  const writer = { ...createWriter(world.db), keyring };
  const [sealedId = ''] = account.sessionIds;
  const policy = (await writer.sessions.find(accountId, sealedId)) as Session;
  const { id } = await openSession(writer, accountId, {
    ...{ agentId, startedAt: new Date(Date.now() - 60_000), upstreamModel: 'gpt-4o-mini' },
    policy: { name: policy.policyName, version: policy.policyVersion, sha256Hex: policy.policySha256Hex },
  });
  await appendEvents(writer, accountId, id, draftsWithIds(3));
  const merkleRootHex = naiveRootHex(await readTexts(world.db, { accountId, id }));
  const open = (await writer.sessions.find(accountId, id)) as Session;
  await recordStated(world, account.logs, { ...open, merkleRootHex });
  await account.keep();
  const whole = await account.exportTo('whole');
  const toFalse = (lines: string[]) =>
    lines.map((line) => {
      const row = JSON.parse(line) as Document;
      return row.id === id ? JSON.stringify({ ...row, started_at: '2026-11-01T23:00:00.000Z' }) : line;
    });
  const honest = await importTwice(t, whole);
  assert.equal(honest.code, 0, honest.stdout);
  for (const name of ['with both', 'without the ledger']) {
    const {
      code,
      stdout,
      world: other,
    } = await importTwice(
      t,
      await changedCopy(whole, name, {
        'sessions.ndjson': toFalse,
        ...(name === 'without the ledger' && { 'reports.ndjson': () => null }),
      }),
    );
    assert.equal(code, 2, name);
    assert.match(
      stdout,
      new RegExp(`refused ${id}: its started_at is not the one that a signed report`),
      name,
    );
    const stored = await other.db.collection<StoredSession>('sessions').find().toArray();
    assert.deepEqual(stored.map(({ _id }) => _id).sort(), [...account.sessionIds], name);
  }
});
