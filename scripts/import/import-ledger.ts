// The ledger of a bundle: rows of reports that were issued, each held against the log that it states a root of.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import type { SessionEvidence, VerifyOrder } from '../../workers/logs/log-tasks.ts';
import { parseReport } from '../bundle/report-line.ts';
import { assertSameAccount } from './bundle-agents.ts';
import { ROW_LIMIT } from './bundle-rows.ts';
import { findFalseStatement } from './check-statements.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type LedgerDeps = Readonly<{
  /** Null where no signing key is configured. */
  identity: LogIdentity | null;
  /** Null where nothing is written. */
  store: LedgerStore | null;
}>;

export type LedgerStore = Readonly<{
  ledger: Pick<ReportLedger, 'record'>;
  /** Verifies a stored log, by the kernel. */
  verifySession(order: VerifyOrder): Promise<SessionEvidence | null>;
}>;

type Row = Readonly<{ place: string; entry: LedgerEntry }>;

/**
 * Reads every row, and stores those on sessions that are stored and whose logs give the root that the row states, with
 * statements that are about it. Others become problems. Must come after the sessions. Without a store it holds rows against
 * their statements alone. Warns of rows that an account log was to hold, in a bundle that `lacksLog`. Resolves to how many
 * rows it took.
 */
export async function importLedger(
  deps: LedgerDeps,
  path: string,
  { accountId, lacksLog }: Readonly<{ accountId: string; lacksLog: boolean }>,
  problems: Problems,
): Promise<number> {
  let taken = 0;
  let logged = 0;
  for await (const { place, entry } of readRows(path, accountId, problems)) {
    if (entry.statement !== null || entry.entryStatement !== undefined) logged += 1;
    const problem = await take(deps, accountId, entry);
    if (problem === null) taken += 1;
    else problems.add(place, `${entry.id}: ${problem}`);
  }
  if (lacksLog && logged > 0) problems.warn('account-log.ndjson', lackedBy(logged));
  return taken;
}

function lackedBy(reports: number): string {
  return `the bundle has none, and ${reports} reports of its ledger were signed for one: a new account log begins, which shows nothing that was removed from the bundle, and proofs under the earlier log hold no longer. Export the account again with its account log, and import that in place of this one`;
}

async function* readRows(path: string, accountId: string, problems: Problems): AsyncGenerator<Row> {
  for await (const lines of readLines(path, ROW_LIMIT)) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = bytes ? parseReport(bytes) : TOO_LONG;
      if (!parsed.ok) {
        problems.add(place, parsed.problem);
        continue;
      }
      assertSameAccount(accountId, parsed.accountId, place);
      yield { place, entry: parsed.entry };
    }
  }
}

const TOO_LONG = { ok: false, problem: `longer than ${ROW_LIMIT} bytes` } as const;

/** What is wrong with the row; null where it was stored, or would be. */
async function take(
  { identity, store }: LedgerDeps,
  accountId: string,
  entry: LedgerEntry,
): Promise<string | null> {
  const { sessionId } = entry;
  const falseStatement = findFalseStatement(identity, accountId, entry);
  if (falseStatement !== null) return `${falseStatement}: not imported`;
  if (!store) return null;
  // A root over many sessions is over their roots: `npm run verify -- FILE` builds it again from the file.
  const problem = sessionId === null ? null : await findContradiction(store, { accountId, sessionId }, entry);
  if (problem !== null) return problem;
  try {
    await store.ledger.record(accountId, entry);
    return null;
  } catch (error) {
    if (asStoreFailure(error)) throw error;
    return 'another report has its id: not imported';
  }
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
