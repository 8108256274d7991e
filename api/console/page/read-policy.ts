import { type PolicyReading, readPolicy } from '../../../shared/reports/policy-reading.ts';
import type { ApiDeps } from '../../http/context.ts';

/** Characters of a policy that is read sooner than a thread is asked. Most have some two thousand. */
const SHORT = 8_192;

/** A policy's text as reports read it. A long one is read on a thread: it would hold up every other caller. */
export async function readPolicyText(
  { pool }: Pick<ApiDeps, 'pool'>,
  accountId: string,
  text: string,
  signal: AbortSignal,
): Promise<PolicyReading> {
  return text.length <= SHORT ? readPolicy(text) : await pool.readPolicy(accountId, text, { signal });
}
