// `npm run accounts`: makes an account for sessions that are written over HTTP, and lists accounts.
import type { Db } from 'mongodb';
import { createAccountRepository, type ListedAccount } from '../shared/accounts/account-repository.ts';
import { newId } from '../shared/audit/ids.ts';
import { describeShapes } from '../shared/reports/leak-shapes.ts';
import { isPaper, PAPERS, type Paper } from '../shared/reports/paper.ts';
import { LISTED_AT_MOST, parseAccount, parseName } from './command/account-options.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { connect } from './command/connect.ts';
import { terminalJson, terminalText } from './command/terminal-text.ts';

const USAGE = `usage: npm run accounts -- [--list] [--json]
       npm run accounts -- --create NAME [--json]
       npm run accounts -- --account ID --paper PAPER

Makes an account, or lists them, newest first. A new account is empty: make a token for it with npm run tokens, and write
its policies, agents and sessions over HTTP, or import an export of it.

  --list           lists the accounts (also without --create)
  --create NAME    makes an account of this name, which reports state, and prints its id
  --account ID     the account, acc_…, for --paper
  --paper PAPER    the paper of its PDFs where a request names none: ${PAPERS.join(' or ')}
  --json           prints {"id": "acc_…", "name"} or {"accounts": […]}

exit: 0 done, 1 an error, 64 usage`;

const OPTIONS = {
  list: { type: 'boolean' },
  create: { type: 'string' },
  account: { type: 'string' },
  paper: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function createAccount(db: Db, name: string, json: boolean): Promise<ExitCode> {
  const id = newId('account');
  await createAccountRepository(db).create(id, name);
  console.log(json ? terminalJson({ id, name }) : id);
  const contacts = describeShapes(name);
  if (contacts) console.error(`The name holds what reads as ${contacts}, and reports state it.`);
  if (!json) {
    console.error(`Where AUDIT_KEYS binds keys to accounts, add one for it: id:hex;account=${id}`);
  }
  return EXIT.done;
}

async function choosePaper(db: Db, accountId: string, paper: Paper): Promise<ExitCode> {
  if (!(await createAccountRepository(db).setPaper(accountId, paper))) {
    throw new Error(`There is no account ${accountId}: npm run accounts lists them.`);
  }
  console.error(`PDFs of ${accountId} are printed on ${paper}, where a request does not say ?paper=.`);
  return EXIT.done;
}

async function printAccounts(db: Db, json: boolean): Promise<ExitCode> {
  const accounts = await createAccountRepository(db).list(LISTED_AT_MOST);
  if (json) console.log(terminalJson({ accounts: accounts.map(toJson) }));
  else for (const account of accounts) console.log(describe(account));
  if (accounts.length === LISTED_AT_MOST) console.error(`These are the newest ${LISTED_AT_MOST}.`);
  else if (!json && accounts.length === 0) console.error('There are no accounts.');
  return EXIT.done;
}

function toJson({ id, name, createdAt, isDeleted, deletedAt }: ListedAccount) {
  return { id, name, created_at: createdAt, is_deleted: isDeleted, deleted_at: deletedAt };
}

function describe({ id, name, createdAt, isDeleted, deletedAt }: ListedAccount): string {
  const at = (time: Date | null) => time?.toISOString() ?? 'at a time that cannot be read';
  const end = isDeleted ? [`deleted ${at(deletedAt)}`] : [];
  return [id, terminalText(name), `made ${at(createdAt)}`, ...end].join('  ');
}

/** The command, with the arguments of this process. */
export async function runAccounts(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError('The command takes options only.');
    const { list, create, account, paper, json = false } = values;
    if ([list, create, paper].filter((value) => value !== undefined).length > 1) {
      throw new UsageError('Give one of --list, --create and --paper.');
    }
    if ((account === undefined) !== (paper === undefined)) {
      throw new UsageError('--account and --paper belong together.');
    }
    if (account !== undefined) {
      const accountId = parseAccount(account, positionals);
      if (!isPaper(paper)) throw new UsageError(`--paper takes one of ${PAPERS.join(', ')}.`);
      await using connected = await connect();
      return await choosePaper(connected.db, accountId, paper);
    }
    const name = create === undefined ? null : parseName('--create', create);
    await using connected = await connect();
    return name === null
      ? await printAccounts(connected.db, json)
      : await createAccount(connected.db, name, json);
  });
}

if (import.meta.main) process.exitCode = await runAccounts();
