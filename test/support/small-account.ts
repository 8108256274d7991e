// An account as an export finds it, by default of three sessions: signed reports of each scope, all in its account log.
import { hash } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runExport } from '../../scripts/export.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { createStatementSigner } from '../../shared/transparency/statement-signer.ts';
import type { Witness } from '../../workers/account-log/witness-client.ts';
import { NEVER, openTestLogs, recordStated, type TestLogs } from './account-logs.ts';
import { caseDir } from './cases.ts';
import type { Finished } from './commands.ts';
import { clinic, createImportWorld, type ImportWorld } from './import-world.ts';
import { runHere } from './run-here.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type SmallAccount = Readonly<{
  world: ImportWorld;
  logs: TestLogs;
  accountId: string;
  agentId: string;
  /** In ascending order. */
  sessionIds: readonly string[];
  /** Appends what is due to the account log, and signs it. */
  keep(): Promise<void>;
  /** Exports into a new folder of this name. */
  exportTo(name: string): Promise<string>;
}>;

const KEY = { id: 'k1', bytes: Buffer.from(clinic.audit_keys.split(/[:;]/)[1] as string, 'hex') };

export async function createSmallAccount(
  t: TestContext,
  {
    bundle = caseDir('appledouble'),
    witnesses = [],
  }: Readonly<{ bundle?: string; witnesses?: readonly Witness[] }> = {},
): Promise<SmallAccount> {
  const world = await createImportWorld(t);
  const imported = await world.importDir(bundle, '--account-name', 'The clinic');
  if (imported.code !== 0) throw new Error(imported.stdout + imported.stderr);
  const sessions = createSessionRepository(world.db);
  const rows = await world.db.collection<{ _id: string }>('sessions').find().sort({ _id: 1 }).toArray();
  const [first] = rows as unknown as { account_id: string; agent_id: string }[];
  const { account_id: accountId, agent_id: agentId } = first!;
  const logs = await openTestLogs(t, { db: world.db, sessions }, { keys: [KEY], witnesses });
  const dir = temporaryFolder(t);
  const account: SmallAccount = {
    ...{ world, logs, accountId, agentId, sessionIds: rows.map(({ _id }) => _id) },
    async keep() {
      const { failed } = await logs.logs.keep(accountId, NEVER);
      if (failed !== null) throw new Error(JSON.stringify(failed));
    },
    async exportTo(name) {
      const target = join(dir, name);
      const { code, stdout, stderr } = await runHere(runExport, ['--account', accountId, target], world.env);
      if (code !== 0) throw new Error(stdout + stderr);
      return target;
    },
  };
  for (const id of account.sessionIds.slice(0, 2)) await recordOn(account, id);
  await recordWide(account, { scope: 'account', format: 'csv', csvSha256Hex: '5c'.repeat(32) });
  await recordWide(account, { scope: 'agent', agentId, format: 'json' });
  await account.keep();
  return account;
}

/** Records a signed report on a session, with a PDF. */
export async function recordOn(
  { world, logs, accountId }: Pick<SmallAccount, 'world' | 'logs' | 'accountId'>,
  sessionId: string,
): Promise<string> {
  const session = await createSessionRepository(world.db).find(accountId, sessionId);
  return await recordStated(world, logs, session!, 'cd'.repeat(32));
}

/** Records a signed report over many sessions; of `csvSha256Hex` its statement, too. */
export async function recordWide(
  { world, logs, accountId }: Pick<SmallAccount, 'world' | 'logs' | 'accountId'>,
  about: Pick<LedgerEntry, 'scope' | 'format'> & Partial<LedgerEntry>,
): Promise<LedgerEntry> {
  const [id, generatedAt] = [newId('report'), new Date()];
  const sign = createStatementSigner(logs.signing);
  const named = { reportId: id, generatedAt: presentTime(generatedAt) };
  const jsonSha256Hex = hash('sha256', id);
  const { csvSha256Hex } = about;
  const csvStatement =
    csvSha256Hex && (await sign(accountId, { ...named, subject: 'csv', sha256Hex: csvSha256Hex }));
  const entry = await signEntry(sign, accountId, {
    ...{ id, generatedAt, jsonSha256Hex, userId: newId('user'), sessionId: null, logState: null },
    ...{ since: new Date('2026-06-01T00:00:00Z'), until: new Date('2026-07-01T00:00:00Z') },
    ...{ rootHex: 'ab'.repeat(32), size: 3, pdfSha256Hex: null, pdfStatement: null },
    statement: await sign(accountId, { ...named, subject: 'report', sha256Hex: jsonSha256Hex }),
    ...about,
    ...(csvStatement && { csvStatement }),
  });
  await createReportLedger(world.db).record(accountId, entry);
  return entry;
}

/** Imports a folder into an empty database: checked alone, then done. Both must end in the same way. */
export async function importTwice(
  t: TestContext,
  dir: string,
  env: Record<string, string> = {},
): Promise<Finished & Readonly<{ world: ImportWorld }>> {
  const world = await createImportWorld(t);
  Object.assign(world.env, env);
  const dry = await world.importDir(dir, '--dry-run');
  const done = await world.importDir(dir);
  if (dry.code !== done.code) throw new Error(`--dry-run: ${dry.code}, ${dry.stdout}${dry.stderr}`);
  return { ...done, world };
}

/** A copy of a folder beside it, of which files are changed by their lines; null removes a file. */
export async function changedCopy(
  dir: string,
  name: string,
  changes: Readonly<Record<string, (lines: string[]) => readonly string[] | null>>,
): Promise<string> {
  const copy = join(dir, '..', name);
  await cp(dir, copy, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const path = join(copy, file);
    const lines = change((await readFile(path, 'utf8')).split('\n').slice(0, -1));
    if (lines === null) await rm(path);
    else await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  }
  return copy;
}

/** How many rows each collection of an account has. */
export async function countStored({ db }: ImportWorld): Promise<number> {
  const names = [
    'accounts',
    'agents',
    'policies',
    'sessions',
    'reports',
    'account_log_segments',
    'account_logs',
  ];
  const counts = await Promise.all(names.map((name) => db.collection(name).countDocuments()));
  return counts.reduce((sum, count) => sum + count, 0);
}
