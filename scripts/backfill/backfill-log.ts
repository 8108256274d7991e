// `npm run backfill -- --log`: takes into the account log what was stored before there was one, and brings the log up to
// date at once.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import { createRecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { type AccountLogs, openAccountLogs } from '../../workers/account-log/open-keeper.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import { connect } from '../command/connect.ts';
import { openVerifier } from '../command/open-verifier.ts';
import { commandReaction } from '../command/outcome.ts';
import { startProgress } from '../command/progress.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';

export type LogBackfill = Readonly<{ accountId: string | null; json: boolean }>;

/** Safe to stop and to give again, and to run beside the service: what the log holds is not taken again. */
export async function backfillLog({ accountId, json }: LogBackfill): Promise<ExitCode> {
  await using connected = await connect();
  const { db, config } = connected;
  await using resources = new ReleaseStack();
  const stopping = new AbortController();
  resources.defer(onShutdownSignal(() => stopping.abort(new Error(STOPPED))));
  await using pool = openVerifier(connected);
  const sessions = createSessionRepository(db);
  const recordOutcome = createRecordOutcome({ sessions, ...commandReaction(config) });
  if (!config.signing) {
    throw new Error('No signing key is known: set SIGNING_KEY, or start the service once (npm start)');
  }
  const signing = openSigning(config.signing);
  const logs = openAccountLogs(db, config, { ...signing, pool, recordOutcome, log: TOLD });
  const accounts = accountId === null ? await listAccounts(db) : [accountId];
  let failed = 0;
  for (const id of accounts) failed += (await backfillOne(logs, id, json, stopping.signal)) ? 0 : 1;
  return failed > 0 ? EXIT.foundFailed : EXIT.done;
}

const STOPPED = 'Stopped before the end: give the same command again to go on';

async function backfillOne(
  logs: AccountLogs,
  accountId: string,
  json: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const due = await logs.makeDue(accountId, signal);
  const progress = startProgress(`Appending to the log of ${accountId}`, due, 'entries');
  try {
    const { appended, size, failed } = await logs.keep(accountId, signal, (count) => progress.add(count));
    if (failed === null) await logs.askWitnesses(accountId, signal);
    if (json) console.log(terminalJson({ account_id: accountId, appended, size, failed }));
    else if (failed === null) console.log(terminalText(`${accountId} ${appended} appended, ${size} entries`));
    else console.log(terminalText(`${accountId} FAILED: ${failed}. Nothing was signed`));
    return failed === null;
  } finally {
    progress.stop();
  }
}

/** Accounts of a deployment, at most. */
const ACCOUNTS_AT_MOST = 1_000_000;

async function listAccounts(db: Db): Promise<string[]> {
  return (await createAccountRepository(db).list(ACCOUNTS_AT_MOST)).map(({ id }) => id);
}

/** The command prints what it finds; a witness that is away is told here. */
const TOLD = {
  info() {},
  warn: (about: object, line: string) => console.error(terminalText(`${line}: ${JSON.stringify(about)}`)),
  error() {},
};
