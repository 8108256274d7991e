// Signs the statements of reports, once it is known that the account's log is this deployment's: a process with another
// SIGNING_KEY would put its name under reports that no auditor of the account could check.
import { reportFailure } from '../errors/report-failure.ts';
import type { AccountLogHead } from '../transparency/log-heads.ts';
import { trust } from '../transparency/log-reader.ts';
import type { Signing } from '../transparency/open-signing.ts';
import { createStatementSigner, type SignStatement } from '../transparency/statement-signer.ts';
import { UNSIGNED } from './unsigned-log.ts';

const NO_KEY =
  'The account has a signed log, and this process has no SIGNING_KEY and LOG_ORIGIN: set those of the service, so that the report states where the log has its sessions';

/** Accounts that are remembered at most. */
const KNOWN_LIMIT = 10_000;

/**
 * A signer that rejects with `report_generation_failed`, reason `account_log`, while the stored checkpoint of the account's
 * log is by none of the process's keys; so does one without keys, which signs nothing where there is no checkpoint. An
 * account's log is read until one checkpoint of it is known: the keys of a process do not change.
 */
export function createReportSigner(
  signing: Signing | null,
  heads: Readonly<{ find(accountId: string): Promise<Pick<AccountLogHead, 'checkpoint'>> }>,
): SignStatement {
  const sign = createStatementSigner(signing);
  const known = new Set<string>();
  return async (accountId, stated) => {
    if (!known.has(accountId)) {
      const { checkpoint } = await heads.find(accountId);
      const isOurs = checkpoint && signing && trust(signing.identity, accountId, checkpoint) !== null;
      if (checkpoint && !isOurs) throw reportFailure('account_log', `${signing ? UNSIGNED : NO_KEY}.`);
      if (checkpoint && known.size < KNOWN_LIMIT) known.add(accountId);
    }
    return await sign(accountId, stated);
  };
}
