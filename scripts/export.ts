// `npm run export`: an account as the bundle that `npm run import` takes.
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { isId } from '../shared/audit/ids.ts';
import { createFleetSessions } from '../shared/sessions/fleet-sessions.ts';
import { callerPath } from './command/caller-file.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { startProgress } from './command/progress.ts';
import { recordCommand } from './command/record-command.ts';
import { terminalText } from './command/terminal-text.ts';
import { PartFolder, type Progressed } from './export/part-folder.ts';
import { writeNames, writeRecords } from './export/write-records.ts';
import { writeSessions } from './export/write-sessions.ts';

const USAGE = `usage: npm run export -- --account ID DIR

Writes an account into the folder DIR, as a bundle that \`npm run import -- DIR\` takes: name, agents, policies, sessions
with payloads, external ids and metadata, audit entries, the ledger of reports, the account log. Verifies each log while
it writes it. Needs little memory, however much there is. Stopped, also by a kill, it goes on where it was when it is run
again; until all is written, the folder is named DIR.part.

To move an account, stop what writes it (the API and the workers) first: what comes in later is not in the export.

Not in it: users, logins, tokens and webhooks (make them anew), the access record, the files of reports made in the
background, and sums and marks, which the pipeline makes again. The folder holds what was said in calls where the policy
keeps it: guard it as you guard the database.

  --account ID   the account, acc_…

exit: 0 exported; 2 exported, but something of it is damaged or unverified; 1 an error, 64 usage`;

const OPTIONS = { account: { type: 'string' } } as const;

/** Exports an account into a folder that is to be made, then prints counts. */
export async function exportAccount(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  accountId: string,
  dir: string,
): Promise<ExitCode> {
  const account = await createAccountRepository(db).find(accountId);
  if (!account) throw new Error(`There is no account ${accountId}: npm run accounts lists them.`);
  const folder = await PartFolder.open(dir, accountId);
  // What the folder will hold is looked at by whoever reads it.
  const { auditKeys } = config;
  await recordCommand({ db, auditKeys }, accountId, [{ action: 'admin.view', subject: 'export' }]);
  if (folder.found) console.error(terminalText(`Going on with the export in ${dir}.part.`));

  const place = { db, accountId, folder };
  const begun = folder.found ?? (await begin(place));
  const total = await createFleetSessions(db).countSelected({ accountId });
  const progress = startProgress('Exporting', total, 'sessions');
  progress.add(begun.tally.sessions ?? 0);
  const written = await writeSessions({ db, auditKeys }, folder, begun, () => progress.add(1)).finally(
    progress.stop,
  );
  const { problems: unnamed, ...names } = await writeNames(place, account.name);
  await folder.finish();
  const hidden = await createFleetSessions(db).countHidden(accountId);
  const others = hidden > 0 ? [...unnamed, `${hidden} ${HIDDEN}`] : unnamed;
  const problemCount = written.problemCount + others.length;
  const counts = { ...written.tally, ...names, problemCount };
  return report(accountId, dir, counts, [...written.problems, ...others]);
}

/** Writes what has to be older than the sessions, and notes that it is on the disk. */
async function begin(place: Parameters<typeof writeRecords>[0]): Promise<Progressed> {
  const tally = await writeRecords(place);
  const nothing = { after: null, sessionsBytes: 0, auditBytes: 0, problems: [], problemCount: 0 };
  const begun = { accountId: place.accountId, ...nothing, tally };
  await place.folder.note(begun);
  return begun;
}

const HIDDEN =
  'sessions are hidden by an import that has not finished, and are not exported: import their bundle again first';

function report(
  accountId: string,
  dir: string,
  counts: Readonly<Record<string, number>>,
  problems: readonly string[],
): ExitCode {
  for (const line of problems) console.log(terminalText(line));
  const { agents = 0, policies = 0, sessions = 0, entries = 0, reports = 0, problemCount = 0 } = counts;
  console.log(
    terminalText(
      `${accountId}: ${agents} agents, ${policies} policies, ${sessions} sessions with ${entries} entries, ` +
        `${reports} reports in the ledger; ${problemCount} problems; in ${dir}`,
    ),
  );
  return problemCount === 0 ? EXIT.done : EXIT.foundFailed;
}

/** The command, with the arguments of this process. */
export async function runExport(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const [dir, ...rest] = positionals;
    if (dir === undefined || rest.length > 0) throw new UsageError('Name one folder to make.');
    if (!isId('account', values.account)) throw new UsageError('Name the account: --account acc_…');
    await using connected = await connect({ onlyReads: true });
    return await exportAccount(connected, values.account, callerPath(dir));
  });
}

if (import.meta.main) process.exitCode = await runExport();
