import { AppError } from '../../../shared/errors/app-error.ts';
import type { ReportJob } from '../../../shared/reports/report-job.ts';
import type { ApiDeps } from '../../http/context.ts';

/**
 * The account's report in the background. Throws the same `report_not_found` for a malformed id (null), an unknown one and
 * another account's.
 */
export async function findJob(
  { reportJobs }: Pick<ApiDeps, 'reportJobs'>,
  accountId: string,
  id: string | null,
): Promise<ReportJob> {
  const job = id === null ? null : await reportJobs.find(accountId, id);
  if (!job) throw noJob();
  return job;
}

export function noJob(): AppError {
  return new AppError('report_not_found', 'The account has no such report in the background.');
}
