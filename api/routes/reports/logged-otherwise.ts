// A report whose row in the ledger says otherwise than the entry of the account log that it names.
import type { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { LedgerEntry } from '../../../shared/reports/report-row.ts';

/** The error of a row that names an entry of its report and contradicts it. */
export function contradicted({ id, logIndex }: Pick<LedgerEntry, 'id' | 'logIndex'>): AppError {
  return reportFailure(
    'account_log',
    `The row of ${id} in the ledger contradicts entry ${logIndex} of the account log, which says what was issued: somebody changed the row or put another there. Compare it with a backup. npm run verify -- --all names it.`,
  );
}
