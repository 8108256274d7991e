// What the account log is to hold of a report is signed where the report is issued. Whoever writes to the database may
// change the ledger's row before its entry is appended: the signature is over the entry's text.
import { hash } from 'node:crypto';
import { presentTime } from '../time/present-time.ts';
import type { SignStatement } from '../transparency/statement-signer.ts';
import type { ReportLedger } from './report-ledger.ts';
import type { LedgerEntry } from './report-row.ts';
import { entryTextOf } from './stated-entry.ts';

/** The ledger of a process that issues reports: each is recorded with the statement over its entry in the account log. */
export function stateEntries<Ledger extends Pick<ReportLedger, 'record'>>(
  ledger: Ledger,
  signStatement: SignStatement,
): Ledger {
  return {
    ...ledger,
    async record(accountId: string, entry: LedgerEntry) {
      const text = entryTextOf(accountId, entry);
      const sha256Hex = text && hash('sha256', text);
      const stated = {
        subject: 'entry',
        reportId: entry.id,
        generatedAt: presentTime(entry.generatedAt),
      } as const;
      const entryStatement = sha256Hex && (await signStatement(accountId, { ...stated, sha256Hex }));
      await ledger.record(accountId, { ...entry, ...(entryStatement !== null && { entryStatement }) });
    },
  };
}
