import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { ApiDeps } from '../../http/context.ts';
import type { ClosedSession } from './closed-session.ts';

type ProveOrder = Pick<Parameters<ApiDeps['pool']['proveEntries']>[0], 'wanted' | 'issuedTo'>;

/**
 * The entries and their proof, hashes in base64. A log whose entries do not give the root that the account log states is
 * walked: the verdict is recorded, and named in the `report_generation_failed` that this throws. So does an entry that no
 * evidence pack would hold, since it may hold PHI.
 */
export async function proveOrFail(
  { pool, recordOutcome, baaChainText }: Pick<ApiDeps, 'pool' | 'recordOutcome' | 'baaChainText'>,
  { accountId, sessionId, size, rootHex }: ClosedSession,
  asked: ProveOrder,
  signal: AbortSignal,
): Promise<Readonly<{ entries: readonly string[]; hashes: readonly string[] }>> {
  const log = { accountId, sessionId };
  const proven = await pool.proveEntries({ log, size, baaChainText, ...asked }, { signal });
  if (proven.kind === 'proven' && proven.rootHex === rootHex) {
    if (proven.leakSeq !== null) throw leakingEntry(proven.leakSeq, 'proof');
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

/** An entry that may hold PHI keeps back what would have held it. */
export function leakingEntry(seq: number, carrier: 'proof' | 'pack'): Error {
  return reportFailure(
    'leak_scan',
    `The entry at seq ${seq} of the log would carry what may be PHI, so no ${carrier} leaves. The report on the session holds no entries.`,
  );
}
