// `npm run import`: an account's export into the database.
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../shared/accounts/agent-repository.ts';
import { isId } from '../shared/audit/ids.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { createSegmentRepository } from '../shared/log-store/segment-repository.ts';
import { createPolicyRepository } from '../shared/policy/policy-repository.ts';
import { parseConfig } from '../shared/process/config.ts';
import { readLocalKeys } from '../shared/process/local-keys.ts';
import { createReportLedger } from '../shared/reports/report-ledger.ts';
import { createRecordOutcome } from '../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { createLogSegments } from '../shared/transparency/log-segments.ts';
import { createVerifyDeps, verifyHere } from '../workers/logs/verify-session.ts';
import { NAME_LIMIT } from './bundle/account-json.ts';
import { callerPath } from './command/caller-file.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { commandReaction } from './command/outcome.ts';
import { terminalText } from './command/terminal-text.ts';
import { readAccount } from './import/bundle-account.ts';
import { readAgents } from './import/bundle-agents.ts';
import { findFiles, RefusedBundle } from './import/bundle-files.ts';
import { type CheckedBundle, checkBundle } from './import/check-bundle.ts';
import { checkRecords } from './import/check-records.ts';
import { importRecords } from './import/import-records.ts';
import { Problems } from './import/problems.ts';
import { type ImportCounts, type ImportDeps, writeBundle } from './import/write-bundle.ts';
import { assertMeant, type Naming } from './import/write-names.ts';

const USAGE = `usage: npm run import -- DIR [--dry-run] [--account ID] [--account-name NAME] [--rename]

Imports one account's export: agents.ndjson, policies/, sessions.ndjson and audit.ndjson, each also as .gz; and, where
they are there, account.json, reports.ndjson (the ledger) and account-log.ndjson, as \`npm run export\` writes them.
Checks everything first, and every chain against AUDIT_KEYS. Names and refuses each session that has a problem, and
imports the rest; writes nothing where no session is left. The command can be interrupted and run again, with
--account: the result is the same.

  --dry-run            checks only; writes nothing, needs no database and does not know what is stored
  --account ID         the account that the bundle is meant for, acc_…; required where it exists
  --account-name NAME  the display name of a new account (by default that of account.json, else its id)
  --rename             names of the bundle, and --account-name, replace those of stored agents and of the account

exit: 0 all imported, warnings included; 2 the bundle or a part was refused, 1 an error, 64 usage`;

const OPTIONS = {
  'dry-run': { type: 'boolean' },
  account: { type: 'string' },
  'account-name': { type: 'string' },
  rename: { type: 'boolean' },
} as const;

/**
 * Imports a folder, then prints warnings, refusals and counts. Throws a `BundleError` where the folder is no bundle, and
 * a `RefusedBundle` where nothing of it may be imported.
 */
export async function importFolder(
  dir: string,
  dryRun: boolean,
  given: Omit<Naming, 'paper'>,
): Promise<ExitCode> {
  const files = await findFiles(dir);
  const problems = new Problems();
  problems.addUnread(
    '',
    files.others,
    'an export has agents.ndjson, policies/, sessions.ndjson, audit.ndjson, and perhaps account.json, reports.ndjson and account-log.ndjson; take other files out of the folder',
  );
  const agents = await readAgents(files.agents, problems);
  const { accountId } = agents;
  if (given.account !== undefined && given.account !== accountId) {
    throw new RefusedBundle(
      `The bundle is of account ${accountId} and --account names ${given.account}. Nothing was written.`,
    );
  }
  const own = files.account === null ? null : await readAccount(files.account, accountId);
  const naming = { ...given, accountName: given.accountName ?? own?.name, paper: own?.paper ?? null };
  if (dryRun) {
    const config = await readLocalKeys(parseConfig(process.env));
    const checked = await checkBundle(files, agents, { auditKeys: config.auditKeys, ...naming }, problems);
    const { bundle } = await checkRecords({ config, storedSize: 0, account: own }, checked);
    return report(bundle, null);
  }
  await using connected = await connect();
  const { db, config } = connected;
  await assertMeant(createAccountRepository(db), accountId, naming);
  const read = await checkBundle(files, agents, { auditKeys: config.auditKeys, ...naming }, problems);
  const { size: storedSize } = await createLogSegments(db).findTail(accountId, 0);
  const checked = await checkRecords({ config, storedSize, account: own }, read);
  const { bundle } = checked;
  // Agents and policies carry no seal: only a session whose log is proved speaks for the rest of its bundle.
  const isRefused = bundle.sessions.size === 0 && problems.count > 0;
  if (isRefused) return report(bundle, null);
  const records = importRecords(connected, bundle, checked);
  // Before the sessions, and after them: `import-account-log.ts` says why.
  await records.takeAccountLog();
  const counts = await write(connected, bundle, naming);
  await records.takeLedger();
  return report(bundle, counts);
}

async function write(
  { db, config }: Connected,
  bundle: CheckedBundle,
  naming: Naming,
): Promise<ImportCounts> {
  const sessions = createSessionRepository(db);
  const verify = createVerifyDeps(db, config.auditKeys);
  const deps: ImportDeps = {
    accounts: createAccountRepository(db),
    agents: createAgentRepository(db),
    policies: createPolicyRepository(db),
    sessions,
    audit: createSegmentRepository(db),
    ledger: createReportLedger(db),
    verifySession: (log: LogRef) => verifyHere(verify, { ...log, anchors: [], until: null, listed: 0 }),
    recordOutcome: createRecordOutcome({ sessions, ...commandReaction(config) }),
  };
  return await writeBundle(deps, bundle, naming);
}

function report(bundle: CheckedBundle, counts: ImportCounts | null): ExitCode {
  const { lines, count, warnings, warningCount } = bundle.problems;
  print('warning', warnings, warningCount);
  print('refused', lines, count);
  console.log(summarize(bundle, counts));
  return count === 0 ? EXIT.done : EXIT.foundFailed;
}

/** `lines`: the first of `count`. */
function print(what: 'warning' | 'refused', lines: readonly string[], count: number): void {
  for (const line of lines) console.log(terminalText(`${what} ${line}`));
  const more = count - lines.length;
  if (more > 0) console.log(`${what}: ${more} more, which are counted and not listed`);
}

function summarize(bundle: CheckedBundle, counts: ImportCounts | null): string {
  const { accountId, agents, policies, sessions, entries, refused, unreadRows, problems } = bundle;
  const found = `${agents.size} agents, ${policies.size} policies, ${entries.total} entries`;
  const wrong =
    `${refused.size + unreadRows} sessions refused, ${entries.withoutRow} entries without a row, ` +
    `${problems.count} problems, ${problems.warningCount} warnings`;
  if (!counts)
    return `${accountId}: ${found}; ${sessions.size} sessions can be imported, ${wrong}; nothing was written`;
  const { imported, extended, unchanged, entries: written } = counts;
  return (
    `${accountId}: ${found}; ${imported} sessions imported, ${extended} extended, ` +
    `${unchanged} stored already, ${wrong}; ${written} entries in imported and extended logs`
  );
}

/** The command, with the arguments of this process. */
export async function runImport(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const [dir, ...rest] = positionals;
    if (dir === undefined || rest.length > 0) throw new UsageError('Name one folder to import.');
    const { account, 'account-name': accountName } = values;
    if (account !== undefined && !isId('account', account)) {
      throw new UsageError('--account must be an account id, acc_…');
    }
    if (accountName !== undefined && !(accountName.trim() !== '' && accountName.length <= NAME_LIMIT)) {
      throw new UsageError(`--account-name must be a text of 1 to ${NAME_LIMIT} characters`);
    }
    try {
      const naming = { account, accountName, rename: values.rename === true };
      return await importFolder(callerPath(dir), values['dry-run'] === true, naming);
    } catch (error) {
      if (!(error instanceof RefusedBundle)) throw error;
      console.error(terminalText(`refused: ${error.message}`));
      return EXIT.foundFailed;
    }
  });
}

if (import.meta.main) process.exitCode = await runImport();
