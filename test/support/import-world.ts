import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Document } from 'mongodb';
import { runImport } from '../../scripts/import.ts';
import { runVerify } from '../../scripts/verify.ts';
import { SIGNING_ENV } from './account-logs.ts';
import { type Bundle, readExpected } from './bundles.ts';
import { commandEnv, type Finished } from './commands.ts';
import { openTestDatabase, type TestDatabase } from './mongo.ts';
import { runHere } from './run-here.ts';

export const clinic = await readExpected('clinic-week');
export const other = await readExpected('other-clinic');
export const BOTH_KEYS = `${clinic.audit_keys},${other.audit_keys}`;

export type ImportWorld = TestDatabase &
  Readonly<{
    importDir(dir: string, ...args: string[]): Promise<Finished>;
    verifyAll(): Promise<Finished>;
    env: Record<string, string>;
  }>;

export async function createImportWorld(t: TestContext, auditKeys = BOTH_KEYS): Promise<ImportWorld> {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'import-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const env = { ...commandEnv(database, dataDir, auditKeys), ...SIGNING_ENV };
  return {
    ...database,
    env,
    importDir: (dir, ...args) => runHere(runImport, [dir, ...args], env),
    verifyAll: () => runHere(runVerify, ['--all'], env),
  };
}

/** Everything stored, in one comparable value. */
export async function dump({ db }: ImportWorld): Promise<Document[][]> {
  const names = ['accounts', 'agents', 'policies', 'sessions', 'audit_segments'];
  const rows = await Promise.all(names.map((name) => db.collection(name).find().sort({ _id: 1 }).toArray()));
  return rows.map((list) => list.map(({ created_at: _, changed_at: __, stored_at: ___, ...row }) => row));
}

export const sessionOf = (line: string) => (JSON.parse(line) as { session_id: string }).session_id;

/** Changes the `nth` entry of a session that has `size` of them; returns that session's id. */
export async function damageEntry(
  bundle: Bundle,
  size: number,
  nth: number,
  damage: (lines: string[], at: number) => string[],
): Promise<string> {
  const [id] = Object.entries(clinic.sessions).find(([, { event_count }]) => event_count === size)!;
  const lines = await bundle.readLines('audit.ndjson');
  const at = lines.flatMap((line, i) => (sessionOf(line) === id ? [i] : []))[nth]!;
  await bundle.writeLines('audit.ndjson', damage(lines, at));
  return id;
}
