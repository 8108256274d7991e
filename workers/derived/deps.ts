import type { ReportLedger } from '../../shared/reports/report-ledger.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { SessionWork } from '../../shared/sessions/session-work.ts';
import type { ReportPool } from '../reports/pool.ts';

/** What it takes to bring a session's derived data up to its log. */
export type DerivedDeps = Readonly<{
  sessions: SessionRepository;
  work: SessionWork;
  ledger: ReportLedger;
  pool: Pick<ReportPool, 'walk' | 'countTail'>;
}>;
