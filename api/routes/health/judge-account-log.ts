// Whether the account logs still hold, for /health, which names no account.
import type { ApiDeps } from '../../http/context.ts';
import { orFoundLast } from './found-last.ts';
import type { HealthResponse } from './schema.ts';

export type AccountLogHealth = HealthResponse['components']['account_log'];

/** From what was found last where the database does not answer in time: its own component says that. */
export async function judgeAccountLog(
  { accountLog, witnesses }: Pick<ApiDeps, 'accountLog' | 'witnesses'>,
  deadlineMs: number,
): Promise<AccountLogHealth> {
  if (!accountLog) return 'not configured';
  const names = new Set(witnesses.map(({ name }) => name));
  const count = () =>
    Promise.all([accountLog.countFailed(), accountLog.countRefused(), accountLog.countContradictions(names)]);
  const found = await orFoundLast(accountLog, count, deadlineMs).catch(() => null);
  if (found === null) return 'unavailable: the database does not answer in time';
  const [failed, refused, contradictions] = found;
  if (failed === 0 && contradictions > 0) {
    return `degraded: ${contradictions} ${contradictions === 1 ? 'answer of a witness says' : 'answers of witnesses say'} that it holds another log of an account: the log of the workers names it, and the account's overview. The database may be an older copy`;
  }
  if (failed === 0 && refused === 0) return 'ok';
  if (failed === 0) {
    return `degraded: ${refused} ${refused === 1 ? 'row is' : 'rows are'} due for account logs and get no entry, since this deployment did not sign them as they are or the log contradicts them: npm run verify -- --all and the log of the workers name them`;
  }
  return `failed: ${failed} account ${failed === 1 ? 'log contradicts' : 'logs contradict'} a signed checkpoint, and nothing more is signed there: npm run verify -- --all names it`;
}
