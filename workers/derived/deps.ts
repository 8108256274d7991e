import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { ReportPool } from '../reports/pool.ts';

/** What it takes to bring a session's derived data up to its log. */
export type DerivedDeps = Readonly<{
  sessions: SessionRepository;
  ledger: ReportLedger;
  pool: Pick<ReportPool, 'walk' | 'countTail'>;
}>;
