// The second pass over a bundle's ledger: stores the rows in which the first found no problem, each held against the stored
// log that it states a root of.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import type { SessionEvidence, VerifyOrder } from '../../workers/logs/log-tasks.ts';
import { reportLine } from '../bundle/report-line.ts';
import { type CheckedLedger, readChecked } from './check-ledger.ts';
import type { Problems } from './problems.ts';

export type LedgerStore = Readonly<{
  ledger: Pick<ReportLedger, 'record' | 'find'>;
  /** Verifies a stored log, by the kernel. */
  verifySession(order: VerifyOrder): Promise<SessionEvidence | null>;
}>;

/**
 * Stores the rows on sessions that are stored and whose logs give the root that the row states. Others become problems. Must
 * come after the sessions.
 */
export async function importLedger(
  store: LedgerStore,
  path: string,
  { accountId, checked }: Readonly<{ accountId: string; checked: CheckedLedger }>,
  problems: Problems,
): Promise<void> {
  for await (const { place, entry } of readChecked(path, checked)) {
    const problem = await take(store, accountId, entry);
    if (problem !== null) problems.add(place, `${entry.id}: ${problem}`);
  }
}

/** What is wrong with the row; null where it was stored. */
async function take(store: LedgerStore, accountId: string, entry: LedgerEntry): Promise<string | null> {
  const { sessionId } = entry;
  // A root over many sessions is over their roots: `npm run verify -- FILE` builds it again from the file.
  const problem = sessionId === null ? null : await findContradiction(store, { accountId, sessionId }, entry);
  if (problem !== null) return problem;
  try {
    await store.ledger.record(accountId, entry);
  } catch (error) {
    if (asStoreFailure(error)) throw error;
    return 'another report has its id: not imported';
  }
  const stored = await store.ledger.find(accountId, entry.id);
  return stored && isSame(accountId, stored, entry)
    ? null
    : 'is stored already, with another row: nothing was replaced';
}

/**
 * Which entry of the account log a row names follows from the log. A bundle of a version that did not export what is known of
 * a CSV loses nothing of it.
 */
function isSame(accountId: string, stored: LedgerEntry, given: LedgerEntry): boolean {
  const { csvSha256Hex, csvStatement, ...known } = { ...stored, logIndex: given.logIndex };
  const csv = { ...(csvSha256Hex && { csvSha256Hex }), ...(csvStatement && { csvStatement }) };
  const compared = given.csvSha256Hex === undefined ? known : { ...known, ...csv };
  return reportLine(accountId, compared as LedgerEntry) === reportLine(accountId, given);
}

async function findContradiction(
  { verifySession }: LedgerStore,
  log: LogRef,
  { size, rootHex, logState }: LedgerEntry,
): Promise<string | null> {
  const anchor = { source: 'reported', size, rootHex, sealed: logState === 'sealed' } as const;
  const evidence = await verifySession({ ...log, anchors: [anchor], until: null, listed: 0 });
  if (!evidence) return `its session ${log.sessionId} is not stored: not imported`;
  const { verdict } = evidence;
  if (verdict.status === 'failed') return `its session's log does not give what it states: not imported`;
  return verdict.status === 'verified' ? null : `its session's log is unverifiable: not imported`;
}
