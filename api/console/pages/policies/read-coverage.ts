import { type PolicyReading, readPolicy } from '../../../../shared/reports/policy-reading.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { requestSignal } from '../../../http/request-signal.ts';

/** A policy of this length is read in some milliseconds, most are a tenth of it. */
const READ_HERE = 16 * 1024;

/** The reading of a policy's text that reports use. A long text is read in the threads: it would hold up every caller. */
export async function readCoverage(
  { pool }: Pick<ApiDeps, 'pool'>,
  ctx: ApiContext,
  text: string,
): Promise<PolicyReading> {
  if (text.length <= READ_HERE) return readPolicy(text);
  return await pool.readPolicy(ctx.state.actor.accountId, text, requestSignal(ctx.res));
}
