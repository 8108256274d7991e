// A report whose row in the ledger says otherwise than its entry of the account log.
import type { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';

/** The error of a row that contradicts the entry of its report. */
export function contradicted(reportId: string, index: number): AppError {
  return reportFailure(
    'account_log',
    `The row of ${reportId} in the ledger contradicts entry ${index} of the account log, which says what was issued: somebody changed the row or put another there. Compare it with a backup. npm run verify -- --all names it.`,
  );
}
