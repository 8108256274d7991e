import { AppError } from '../../../shared/errors/app-error.ts';
import type { ReportJob } from '../../../shared/reports/report-job.ts';
import type { LedgerEntry } from '../../../shared/reports/report-row.ts';
import type { ApiDeps } from '../../http/context.ts';

type FindDeps = Pick<ApiDeps, 'reportJobs' | 'ledger'>;

const UNKNOWN =
  'No report with this ID was issued to your account or ordered for the background, or the order ended more than 30 days ago.';
const NO_FILE =
  'This report was issued, and no file of it is found: it was issued directly, its order ended more than 30 days ago, or somebody changed the row of its order. Order it with Prefer: respond-async to have one stored.';
const NOT_ISSUED = 'This report was ordered and is not issued: GET /reports/{id} says how far it is.';

/**
 * The account's report in the background. Throws the same `report_not_found` for a malformed id (null), an unknown one and
 * another account's. The message for a report that was issued and has no file says so.
 */
export async function findJob(deps: FindDeps, accountId: string, id: string | null): Promise<ReportJob> {
  const job = id === null ? null : await deps.reportJobs.find(accountId, id);
  if (!job) throw await noJob(deps, accountId, id);
  return job;
}

/** Requires that the account has no report in the background with the id. */
export async function noJob(
  { ledger }: Pick<FindDeps, 'ledger'>,
  accountId: string,
  id: string | null,
): Promise<AppError> {
  const issued = id !== null && (await ledger.find(accountId, id));
  return issued ? new AppError('report_not_found', NO_FILE) : noReport();
}

/**
 * The account's row in the ledger. Throws the same `report_not_found` for a malformed id (null), an unknown one and another
 * account's. The message for a report that is ordered and not issued says so.
 */
export async function findIssued(deps: FindDeps, accountId: string, id: string | null): Promise<LedgerEntry> {
  const issued = id === null ? null : await deps.ledger.find(accountId, id);
  if (issued) return issued;
  const job = id !== null && (await deps.reportJobs.find(accountId, id));
  throw job ? new AppError('report_not_found', NOT_ISSUED) : noReport();
}

export function noReport(): AppError {
  return new AppError('report_not_found', UNKNOWN);
}
