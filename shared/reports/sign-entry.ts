// What the account log is to hold of a report is signed where the report is made. Whoever writes to the database may change
// the ledger's row before its entry is appended: the signature is over the entry's text.
import { hash } from 'node:crypto';
import { presentTime } from '../time/present-time.ts';
import type { SignStatement } from '../transparency/statement-signer.ts';
import type { LedgerEntry } from './report-row.ts';
import { entryTextOf } from './stated-entry.ts';

/**
 * A made report as the ledger records it, with the statement over its entry in the account log. Only for a report that this
 * process has just made: what is read from the database is not signed.
 */
export async function signEntry(
  signStatement: SignStatement,
  accountId: string,
  made: LedgerEntry,
): Promise<LedgerEntry> {
  const text = entryTextOf(accountId, made);
  if (text === null) return made;
  const entryStatement = await signStatement(accountId, {
    subject: 'entry',
    reportId: made.id,
    sha256Hex: hash('sha256', text),
    generatedAt: presentTime(made.generatedAt),
  });
  return entryStatement === null ? made : { ...made, entryStatement };
}
