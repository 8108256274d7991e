// `npm run verify -- --access`: walks the access record of each account, or of one.
import { BSON } from 'mongodb';
import { createAccessRepository } from '../../shared/access-record/access-repository.ts';
import { listAccessAccounts, listOddAccessIds } from '../../shared/access-record/fleet-access.ts';
import { createHeadFiles, type HeadFiles } from '../../shared/access-record/head-files.ts';
import { type AccessVerdict, walkAccess } from '../../shared/access-record/walk-access.ts';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { isId } from '../../shared/audit/ids.ts';
import { type FailedLog, failed } from '../../shared/audit/verdict.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import type { Connected } from '../command/connect.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';
import { brokenOffAt } from './remains.ts';

/** Prints a verdict an account. Throws for an account that there is not, and of which no row is left. */
export async function verifyAccess(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  accountId: string | null,
  json: boolean,
): Promise<ExitCode> {
  const deps = { rows: createAccessRepository(db), keyring: createKeyring(config.auditKeys) };
  const tally = { verified: 0, failed: 0, unverifiable: 0 };
  const heads = createHeadFiles(config.dataDir);
  let broken = 0;
  const tell = (about: string, verdict: AccessVerdict) => {
    tally[verdict.status] += 1;
    console.log(
      json
        ? terminalJson({ account_id: about, ...toJson(verdict) })
        : terminalText(`${about} ${describe(verdict)}`),
    );
  };
  /** Null where it throws: the record is named, and the others go on. */
  const walk = async (account: string): Promise<AccessVerdict | null> => {
    try {
      return await walkAccess(deps, account, await heads.read(account));
    } catch (error) {
      if (accountId !== null || !mayPassOver(error)) throw error;
      broken += 1;
      const { finding, line, details } = brokenOffAt(account, error);
      console.log(
        json
          ? terminalJson({ finding, account_id: account, ...details })
          : terminalText(`${account} ${finding}: ${line}`),
      );
      return null;
    }
  };
  for await (const account of accountId === null ? listAll(db, heads) : [accountId]) {
    // A row under an id that no account has was written by somebody else.
    const verdict = isId('account', account) ? await walk(account) : failed('malformed', 0, null, null);
    if (verdict === null) continue;
    if (verdict.status === 'verified' && verdict.size === 0) await assertAccount(db, account);
    tell(account, verdict);
  }
  for await (const id of accountId === null ? listOddAccessIds(db) : []) {
    tell(BSON.EJSON.stringify(id), failed('malformed', 0, null, null));
  }
  if (accountId === null) {
    const { verified, failed, unverifiable } = tally;
    const off = broken > 0 ? `; ${broken} broke off` : '';
    console.error(
      `access records: ${verified} verified, ${failed} failed, ${unverifiable} unverifiable${off}`,
    );
  }
  if (tally.failed > 0) return EXIT.foundFailed;
  return tally.unverifiable + broken > 0 ? EXIT.error : EXIT.done;
}

/** Those that have rows, and those that had rows when this machine wrote to their records. */
async function* listAll(db: Connected['db'], heads: HeadFiles): AsyncGenerator<string> {
  const left = new Set(await heads.accounts());
  for await (const account of listAccessAccounts(db)) {
    left.delete(account);
    yield account;
  }
  yield* left;
}

async function assertAccount(db: Connected['db'], accountId: string): Promise<void> {
  if (await createAccountRepository(db).find(accountId)) return;
  throw new Error(`There is no account ${accountId}, and no access record of one.`);
}

function describe(verdict: AccessVerdict): string {
  if (verdict.status === 'failed')
    return `FAILED: ${verdict.fault} at seq ${verdict.seq}${describeCut(verdict)}${describeStray(verdict)}`;
  const { size, headHashHex, unsigned, firstUnproven, unknownKeys } = verdict;
  if (firstUnproven === null)
    return size === 0 ? 'verified, no rows' : `verified, ${size} rows, last ${headHashHex}`;
  const why = [
    ...(unsigned > 0 ? [`${unsigned} unsigned`] : []),
    ...unknownKeys.map(
      ([keyId, count]) =>
        `${count} under audit key ${keyId}, which is not configured, or is another key of that name`,
    ),
  ];
  return `unverifiable: of ${size} rows ${why.join(', ')}; the first is seq ${firstUnproven}`;
}

function describeCut({ fault, expected }: FailedLog): string {
  return fault === 'truncated' ? `: it had ${expected} rows when DATA_DIR/access-heads was last written` : '';
}

const ABOUT_A_ROW: readonly string[] = ['gap', 'foreign', 'malformed'] satisfies FailedLog['fault'][];

function describeStray({ fault, expected, calculated }: FailedLog): string {
  return ABOUT_A_ROW.includes(fault) && expected !== calculated ? `: the row there is ${calculated}` : '';
}

function toJson(verdict: AccessVerdict): object {
  if (verdict.status === 'failed') {
    const { fault, seq, expected, calculated } = verdict;
    return { verdict: fault, seq, expected, calculated };
  }
  const { status, size: rows, headHashHex: last_hash, unsigned, firstUnproven, unknownKeys } = verdict;
  if (status === 'verified') return { verdict: status, rows, last_hash };
  const unknown_keys = unknownKeys.map(([key_id, count]) => ({ key_id, rows: count }));
  return { verdict: status, rows, last_hash, unsigned, unknown_keys, seq: firstUnproven };
}
