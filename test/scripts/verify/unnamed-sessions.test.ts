// `npm run verify` on reports over many sessions that leave one out, with all figures made to fit.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { policiesOf, rebuild, statedCounts, statedSessions } from '../../../scripts/verify/rebuild-wide.ts';
import { runVerify } from '../../../scripts/verify.ts';
import { canonicalize, type JsonObject, parseJson } from '../../../shared/audit/canonical-json.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { readAnyReport } from '../../../shared/reports/read-report.ts';
import { NEVER, SIGNING_ENV } from '../../support/account-logs.ts';
import { writeSession } from '../../support/audit-world.ts';
import { commandEnv } from '../../support/commands.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { ASKER } from '../../support/report-facts.ts';
import { KEYS } from '../../support/report-world.ts';
import { runHere } from '../../support/run-here.ts';

const { world, logs, pool } = await createLoggedWorld({ after });
const folder = await mkdtemp(join(tmpdir(), 'verify-unnamed-'));
after(() => rm(folder, { recursive: true }));

/** An account with three closed sessions that are in its log, and a report over them. */
async function reported(sinceMs = Date.now() - 86_400_000) {
  const accountId = newId('account');
  for (let i = 1; i <= 3; i += 1) await writeSession(world, 4, { accountId });
  await logs.logs.keep(accountId, NEVER);
  const until = new Date(Date.now() + 3_600_000);
  const window = { since: new Date(sinceMs), until, tz: 'UTC', period: null };
  const order = {
    accountId,
    subject: { scope: 'account', window },
    exceptions: 'refuse',
    format: 'json',
  } as const;
  const outcome = await pool.wideReport(
    { ...order, baaChainText: null, issuedTo: ASKER, sessionsLimit: 100 },
    { signal: NEVER, onOutcome: async () => {} },
  );
  assert.ok(outcome.kind === 'made');
  return { accountId, json: Buffer.from(outcome.report.json) };
}

/** The report without its second session, and with every figure that follows from the others, times too. */
function withoutSecond(json: Buffer): Buffer {
  const envelope = parseJson(json.toString()) as JsonObject;
  const body = envelope.get('report') as JsonObject;
  const [first, , last] = body.get('sessions') as [JsonObject, JsonObject, JsonObject];
  body.set('sessions', [first, last] as never);
  const completeness = body.get('completeness') as JsonObject;
  for (const name of ['counted_before', 'counted_after', 'sessions_walked'])
    completeness.set(name, (completeness.get(name) as number) - 1);
  // The three sessions have the same entries.
  for (const kinds of ['redactions_by_kind', 'redactions_by_pass']) {
    const counts = body.get(kinds) as Map<string, number>;
    for (const [name, count] of counts) counts.set(name, (count * 2) / 3);
  }
  const redactions = body.get('redaction_count') as number;
  body.set('redaction_count', (redactions * 2) / 3);
  const stated = readAnyReport(Buffer.from(canonicalize(envelope)));
  assert.ok(stated.scope !== 'session');
  const policies = policiesOf(stated);
  assert.ok(typeof policies !== 'string');
  const again = parseJson(
    canonicalize(rebuild(stated, statedSessions(stated), statedCounts(stated), policies)),
  ) as JsonObject;
  for (const name of again.keys()) {
    if (!['id', 'generated_at', 'issued_to', 'sample', 'evidence', 'audit_log'].includes(name))
      body.set(name, again.get(name) as never);
  }
  const log = body.get('audit_log') as JsonObject;
  for (const name of ['entries_read', 'states', 'sessions_walked'])
    log.set(name, (again.get('audit_log') as JsonObject).get(name) as never);
  const [key] = log.get('keys') as [JsonObject];
  for (const name of ['entries', 'sessions']) key.set(name, ((key.get(name) as number) * 2) / 3);
  return Buffer.from(canonicalize(envelope));
}

async function reportAxis(json: Buffer): Promise<string> {
  const file = join(folder, 'report.json');
  await writeFile(file, json);
  const env = { ...commandEnv(world.database, folder, KEYS), ...SIGNING_ENV };
  const { stdout, stderr } = await runHere(runVerify, [file], env);
  return /^report: .*$/m.exec(stdout)?.[0] ?? `${stdout}${stderr}`;
}

describe('a report over many sessions that leaves one out', () => {
  it('one whose window began after it was made, as earlier releases made them, is what the logs give', async () => {
    const { json } = await reported(Date.now() + 1_800_000);
    assert.match(await reportAxis(json), /^report: verified, .* names all that are stored in its window$/);
  });

  it('one that names all that are stored says so', async () => {
    const { json } = await reported();
    assert.equal(
      await reportAxis(json),
      'report: verified, it states what the logs of the sessions that it names give, and names all that are stored in its window',
    );
  });

  it('one that leaves out what the account log had fails, and names it', async () => {
    const { json } = await reported();
    assert.match(
      await reportAxis(withoutSecond(json)),
      /^report: FAILED, it leaves out sessions of its window that the account log had under its checkpoint: sess_[0-9A-Z]{26}$/,
    );
  });

  it('what its row says of an entry neither accuses the report nor excuses it', async () => {
    const { accountId, json } = await reported();
    const rows = world.db.collection<{ _id: string; account_id: string }>('sessions');
    await rows.updateMany({ account_id: accountId }, { $unset: { log_index: '' } });
    assert.match(await reportAxis(withoutSecond(json)), /^report: FAILED, it leaves out sessions/);
    const { id } = await writeSession(world, 2, { accountId });
    await rows.updateOne({ _id: id }, { $set: { log_index: 0 } });
    assert.match(
      await reportAxis(json),
      /^report: verified, .* which may have come later: sess_[0-9A-Z]{26}$/,
    );
  });

  it('where the account log is not what was signed, nothing is said of the others', async () => {
    const { accountId, json } = await reported();
    const segments = world.db.collection<{ account_id: string }>('account_log_segments');
    await segments.deleteMany({ account_id: accountId });
    assert.match(
      await reportAxis(withoutSecond(json)),
      /^report: unverifiable, whether it leaves out sessions of its window cannot be told: The account log /,
    );
  });

  it('where nothing tells when the others came, they are named and nobody is accused', async () => {
    const { accountId, json } = await reported();
    const { id } = await writeSession(world, 2, { accountId });
    const later = `report: verified, it states what the logs of the sessions that it names give. It does not name 1 that are stored in its window, which may have come later: ${id}`;
    assert.equal(await reportAxis(json), later);
    await logs.logs.keep(accountId, NEVER);
    assert.equal(await reportAxis(json), later, 'it is in the log behind the checkpoint of the report');
  });
});
