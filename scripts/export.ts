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
import { isSameState, readState } from './export/account-state.ts';
import { PartFolder, type Progressed } from './export/part-folder.ts';
import { findMissing, writeNames, writeRecords } from './export/write-records.ts';
import { writeSessions } from './export/write-sessions.ts';

const USAGE = `usage: npm run export -- --account ID DIR

Writes an account into the folder DIR, as a bundle that \`npm run import -- DIR\` takes: name, agents, policies, sessions
with payloads, external ids and metadata, audit entries, the ledger of reports, the account log. Verifies each log while
it writes it. Needs little memory, however much there is. Stopped, also by a kill, it goes on where it was when it is run
again, or begins anew where the account was written to since; until all is written, the folder is named DIR.part.

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

  const place = { db, accountId, folder };
  const begun = (await goOn(place, `${dir}.part`)) ?? (await begin(place));
  const total = await createFleetSessions(db).countSelected({ accountId });
  const progress = startProgress('Exporting', total, 'sessions');
  progress.add(begun.tally.sessions ?? 0);
  const written = await writeSessions({ db, config }, folder, begun, () => progress.add(1)).finally(
    progress.stop,
  );
  const { logged } = written.tally;
  const { logged: loggedNow } = await readState(db, accountId);
  const missing = await findMissing(db, accountId);
  const named = { name: account.name, logSize: logged === undefined ? null : loggedNow };
  const { problems: unnamed, ...names } = await writeNames(place, named);
  await folder.finish();
  const hidden = await createFleetSessions(db).countHidden(accountId);
  const others = [
    ...[...unnamed, ...missing],
    ...(hidden > 0 ? [`${hidden} ${HIDDEN}`] : []),
    ...(logged !== undefined && loggedNow !== logged ? [GREW] : []),
  ];
  const problemCount = written.problemCount + others.length;
  const counts = { ...written.tally, ...names, problemCount };
  return report(accountId, dir, counts, [...written.problems, ...others]);
}

type Place = Parameters<typeof writeRecords>[0];

/** What an earlier run wrote; null where there is none, or where it is not how the account stands now. */
async function goOn({ db, accountId, folder }: Place, part: string): Promise<Progressed | null> {
  const { found } = folder;
  if (found === null) return null;
  if (isSameState(await readState(db, accountId), found.began)) {
    console.error(terminalText(`Going on with the export in ${part}.`));
    return found;
  }
  console.error(terminalText(`The account was written to since ${part} was begun: beginning anew.`));
  await folder.empty();
  return null;
}

/** Writes what has to be older than the sessions, and notes that it is on the disk. */
async function begin(place: Place): Promise<Progressed> {
  const { db, accountId } = place;
  const began = { ...(await readState(db, accountId)) };
  const { counts, odd } = await writeRecords(place);
  const problems = odd > 0 ? [`${odd} ${ODD}`] : [];
  const nothing = { after: null, sessionsBytes: 0, auditBytes: 0 };
  const begun = { accountId, began, ...nothing, tally: counts, problems, problemCount: problems.length };
  await place.folder.note(begun);
  return begun;
}

const ODD =
  'rows of the ledger are no report that this service recorded, or were changed: they are not exported';

const HIDDEN =
  'sessions are hidden by an import that has not finished, and are not exported: import their bundle again first';

const GREW =
  'the account log grew while the account was exported: stop its workers and export it again, or an import under the same SIGNING_KEY refuses the folder';

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
