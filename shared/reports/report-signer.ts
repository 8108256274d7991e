// Signs the statements of reports, once it is known that the account's log is this deployment's: a process with another
// SIGNING_KEY would put its name under reports that no auditor of the account could check.
import { reportFailure } from '../errors/report-failure.ts';
import type { CheckpointMemory } from '../transparency/checkpoint-memory.ts';
import type { AccountLogHead } from '../transparency/log-heads.ts';
import { trust } from '../transparency/log-reader.ts';
import type { Signing } from '../transparency/open-signing.ts';
import { createStatementSigner, type SignStatement } from '../transparency/statement-signer.ts';
import { LOG_REMEDY, UNSIGNED } from './unsigned-log.ts';

const NO_KEY =
  'The account has a signed log, and this process has no SIGNING_KEY and LOG_ORIGIN: set those of the service, so that the report states where the log has its sessions';

const BEHIND = `The stored checkpoint of the account log is behind one that was signed: no report of the account is signed until that is there again. ${LOG_REMEDY}`;

const CONTRADICTED = `The account log contradicts what was signed of it: no report of the account is signed until it agrees again. ${LOG_REMEDY}`;

/** A look at an account's log serves the reports of so long. */
const REMEMBERED_MS = 1_000;
/** Accounts that are remembered at most. */
const KNOWN_LIMIT = 10_000;

/**
 * A signer that rejects with `report_generation_failed`, reason `account_log`, while the account's log is marked as
 * contradicting what was signed of it, or its stored checkpoint is by none of the process's keys or behind one that `memory`
 * knows; so does one without keys, which signs nothing where there is no checkpoint. `memory`: null without keys.
 */
export function createReportSigner(
  signing: Signing | null,
  heads: Readonly<{ find(accountId: string): Promise<Pick<AccountLogHead, 'checkpoint' | 'failed'>> }>,
  memory: CheckpointMemory | null,
): SignStatement {
  const sign = createStatementSigner(signing);
  const knownUntilMs = new Map<string, number>();
  return async (accountId, stated) => {
    if ((knownUntilMs.get(accountId) ?? 0) <= performance.now()) {
      const isBehind = memory?.expect(accountId);
      const { checkpoint, failed } = await heads.find(accountId);
      if (failed) throw reportFailure('account_log', `${CONTRADICTED}.`);
      const trusted = checkpoint && signing && trust(signing.identity, accountId, checkpoint);
      if (checkpoint && !trusted) throw reportFailure('account_log', `${signing ? UNSIGNED : NO_KEY}.`);
      if (await isBehind?.(trusted)) throw reportFailure('account_log', `${BEHIND}.`);
      if (knownUntilMs.size >= KNOWN_LIMIT) knownUntilMs.clear();
      if (checkpoint) knownUntilMs.set(accountId, performance.now() + REMEMBERED_MS);
    }
    return await sign(accountId, stated);
  };
}
