import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import { askerOf } from '../../http/choose-paper.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { requestSignal } from '../../http/request-signal.ts';
import type { ClosedSession } from './closed-session.ts';

type Wanted = Parameters<ApiDeps['pool']['proveEntries']>[0]['wanted'];

/**
 * The entries and their proof, hashes in base64, for whoever sends the request. A log whose entries do not give the root
 * that the account log states is walked: the verdict is recorded, and named in the `report_generation_failed` that this
 * throws. It throws the same for an entry that may hold PHI, which no evidence pack would hold either, and `validation_failed`
 * for a stretch that no verifier would read.
 */
export async function proveOrFail(
  { pool, recordOutcome, baaChainText }: Pick<ApiDeps, 'pool' | 'recordOutcome' | 'baaChainText'>,
  ctx: ApiContext,
  { accountId, sessionId, size, rootHex }: ClosedSession,
  wanted: Wanted,
): Promise<Readonly<{ entries: readonly string[]; hashes: readonly string[] }>> {
  const log = { accountId, sessionId };
  const signal = requestSignal(ctx.res);
  const issuedTo = askerOf(ctx.state.actor);
  const proven = await pool.proveEntries({ log, size, wanted, issuedTo, baaChainText }, { signal });
  if (proven.kind === 'proven' && proven.rootHex === rootHex) {
    if (proven.leakSeq !== null) throw leakingEntry(proven.leakSeq, 'proof');
    const hashes = proven.hashes.map((hash) => Buffer.from(hash).toString('base64'));
    return { entries: proven.entries, hashes };
  }
  if (proven.kind === 'long' && wanted.kind === 'stretch') throw tooLong(wanted.from + proven.fits);
  const evidence = await pool.verifySession(log, { signal, listed: 0 });
  if (evidence) await recordOutcome(evidence.found, evidence.verdict);
  const { verdict } = evidence ?? {};
  const why = verdict?.status === 'failed' ? `: ${verdict.fault} at seq ${verdict.seq}` : '';
  throw reportFailure(
    'log_failed',
    `The session's audit log is not the one that the account log states${why}. No proof can be made of it.`,
  );
}

function tooLong(to: number): AppError {
  const message = `No verifier reads a proof of more than 40 MiB: to must be ${to} at most. Ask for the entries behind it by another proof.`;
  return new AppError('validation_failed', message, { param: 'to' });
}

/** An entry that may hold PHI keeps back what would have held it. */
export function leakingEntry(seq: number, carrier: 'proof' | 'pack'): Error {
  return reportFailure(
    'leak_scan',
    `The entry at seq ${seq} of the log would carry what may be PHI, so no ${carrier} leaves. The report on the session holds no entries.`,
  );
}
