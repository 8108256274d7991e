import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { ClosedSession } from './closed-session.ts';

type Wanted = Parameters<ApiDeps['pool']['proveEntries']>[0]['wanted'];

/**
 * The entries and their proof, hashes in base64. A log whose entries do not give the root that the account log states is
 * walked: the verdict is recorded, and named in the `report_generation_failed` that this throws.
 */
export async function proveOrFail(
  { pool, recordOutcome }: Pick<ApiDeps, 'pool' | 'recordOutcome'>,
  { accountId, sessionId, size, rootHex }: ClosedSession,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Readonly<{ entries: readonly string[]; hashes: readonly string[] }>> {
  const log = { accountId, sessionId };
  const proven = await pool.proveEntries({ log, size, wanted }, { signal });
  if (proven.kind === 'proven' && proven.rootHex === rootHex) {
    const hashes = proven.hashes.map((hash) => Buffer.from(hash).toString('base64'));
    return { entries: proven.entries, hashes };
  }
  const evidence = await pool.verifySession(log, { signal, listed: 0 });
  if (evidence) await recordOutcome(evidence.found, evidence.verdict);
  const { verdict } = evidence ?? {};
  const why = verdict?.status === 'failed' ? `: ${verdict.fault} at seq ${verdict.seq}` : '';
  throw reportFailure(
    'log_failed',
    `The session's audit log is not the one that the account log states${why}. No proof can be made of it.`,
  );
}
