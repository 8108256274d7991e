// `npm run import`: an account's export into the database.
import { stat } from 'node:fs/promises';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../shared/accounts/agent-repository.ts';
import { createKeyring } from '../shared/audit/audit-keys.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { createSegmentRepository } from '../shared/log-store/segment-repository.ts';
import { createPolicyRepository } from '../shared/policy/policy-repository.ts';
import { parseConfig } from '../shared/process/config.ts';
import { readLocalKeys } from '../shared/process/local-keys.ts';
import { createRecordOutcome } from '../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { createVerifyDeps, verifyHere } from '../workers/logs/verify-session.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { connect } from './command/connect.ts';
import { commandReaction } from './command/outcome.ts';
import { startProgress } from './command/progress.ts';
import { BundleError, fileSize, findFile } from './import/bundle-files.ts';
import { type CheckedBundle, checkBundle } from './import/check-bundle.ts';
import { type ImportCounts, writeBundle } from './import/write-bundle.ts';

const USAGE = `usage: npm run import -- DIR [--dry-run] [--account-name NAME]

Imports one account's export: agents.ndjson, policies/, sessions.ndjson and audit.ndjson, each also as .gz.
Checks everything first, and every chain against AUDIT_KEYS. Names and refuses each session that has a problem, and
imports the rest. The command can be interrupted and run again: the result is the same.

  --dry-run            checks only; writes nothing and needs no database
  --account-name NAME  the account's display name (by default its id)

exit: 0 all imported, 2 something was refused, 1 an error, 64 usage`;

const OPTIONS = { 'dry-run': { type: 'boolean' }, 'account-name': { type: 'string' } } as const;

/** Imports a folder, then prints refusals and counts. Throws a `BundleError` where it is no bundle of one account. */
export async function importFolder(
  dir: string,
  { dryRun, accountName }: { dryRun: boolean; accountName?: string | undefined },
): Promise<ExitCode> {
  if (
    !(await stat(dir).then(
      (found) => found.isDirectory(),
      () => false,
    ))
  )
    throw new BundleError(`${dir} is not a folder`);
  const { auditKeys } = await readLocalKeys(parseConfig(process.env));
  const bytes = await fileSize(await findFile(dir, 'audit.ndjson'));

  const checking = startProgress('Checking', bytes, 'bytes');
  const bundle = await checkBundle(dir, createKeyring(auditKeys), checking.add).finally(checking.stop);
  const counts = dryRun ? null : await write(bundle, accountName, bytes);
  for (const line of bundle.problems.lines) console.log(`refused ${line}`);
  console.log(summarize(bundle, counts));
  return bundle.problems.lines.length === 0 ? EXIT.done : EXIT.foundFailed;
}

async function write(
  bundle: CheckedBundle,
  accountName: string | undefined,
  bytes: number,
): Promise<ImportCounts> {
  await using connected = await connect();
  const { db, config } = connected;
  const sessions = createSessionRepository(db);
  const verify = createVerifyDeps(db, config.auditKeys);
  const deps = {
    accounts: createAccountRepository(db),
    agents: createAgentRepository(db),
    policies: createPolicyRepository(db),
    sessions,
    audit: createSegmentRepository(db),
    verifySession: (log: LogRef) => verifyHere(verify, { ...log, anchors: [], until: null, listed: 0 }),
    recordOutcome: createRecordOutcome({ sessions, ...commandReaction(config) }),
  };
  const writing = startProgress('Writing', bytes, 'bytes');
  return await writeBundle(deps, bundle, accountName, writing.add).finally(writing.stop);
}

function summarize(
  { accountId, agents, policies, sessions, entryCount, refused, problems }: CheckedBundle,
  counts: ImportCounts | null,
): string {
  const found = `${agents.size} agents, ${policies.size} policies, ${entryCount} entries`;
  const wrong = `${refused.size} sessions refused, ${problems.lines.length} problems`;
  if (!counts)
    return `${accountId}: ${found}; ${sessions.size} sessions can be imported, ${wrong}; nothing was written`;
  const { imported, extended, unchanged, entries } = counts;
  return (
    `${accountId}: ${found}; ${imported} sessions imported, ${extended} extended, ` +
    `${unchanged} stored already, ${wrong}; ${entries} entries in imported and extended logs`
  );
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const [dir, ...rest] = positionals;
    if (dir === undefined || rest.length > 0) throw new UsageError('Name one folder to import.');
    return importFolder(dir, { dryRun: values['dry-run'] === true, accountName: values['account-name'] });
  });
}
