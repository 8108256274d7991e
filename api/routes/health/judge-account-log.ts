// Whether the account logs still hold, for /health, which names no account.
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { HealthResponse } from './schema.ts';

export type AccountLogHealth = HealthResponse['components']['account_log'];

export async function judgeAccountLog(
  { accountLog }: Pick<ApiDeps, 'accountLog'>,
  deadlineMs: number,
): Promise<AccountLogHealth> {
  if (!accountLog) return 'not configured';
  const asked = unlessAborted(AbortSignal.timeout(deadlineMs), accountLog.countFailed());
  const failed = await asked.catch(() => null);
  if (failed === null) return 'unavailable: the database does not answer in time';
  if (failed === 0) return 'ok';
  return `failed: ${failed} account ${failed === 1 ? 'log contradicts' : 'logs contradict'} a signed checkpoint, and nothing more is signed there: npm run verify -- --all names it`;
}
