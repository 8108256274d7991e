// What a database still says of sessions that are gone or hidden. A walk begins at a session's row, so it never comes to
// a log whose row was deleted; segments, ledger and sums were written by others and name it still.
import type { Db } from 'mongodb';
import { listStoredLogs, type StoredLog } from '../../shared/log-store/fleet-segments.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { storedText } from '../../shared/mongo/stored-text.ts';
import { listReportedSessions } from '../../shared/reports/fleet-ledger.ts';
import { createFleetReportJobs } from '../../shared/reports/fleet-report-jobs.ts';
import { createFleetSessions, type FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { findHours } from './find-hours.ts';
import { findMissing } from './find-missing.ts';
import { findPayloads } from './find-payloads.ts';
import { inPages } from './in-pages.ts';
import { orBrokenOff, type Remains, remains } from './remains.ts';

/**
 * Looks at every segment's id, ledger row, hour's sum and report in the background. A part at which it throws is named, and the others go on. Rejects
 * with the driver's error when the database is away.
 */
export async function* findRemains(db: Db, now: Date): AsyncGenerator<Remains> {
  const fleet = createFleetSessions(db);
  const parts: Readonly<Record<string, AsyncGenerator<Remains>>> = {
    segments: findLogs(db, fleet),
    'ledger rows': findReports(db, fleet),
    "hours' sums": findHours(db, fleet),
    'session ids': findMisnamed(fleet),
    'policies, agents and accounts': findMissing(db, fleet),
    payloads: findPayloads(db, fleet, new Date(now.getTime() - 2 * DAY_MS)),
    'reports in the background': findOddJobs(db),
    'unfinished imports': findImports(fleet, new Date(now.getTime() - DAY_MS)),
  };
  for (const [part, findings] of Object.entries(parts)) yield* orBrokenOff(part, findings);
}

async function* findLogs(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  const reader = createSegmentReader(db);
  for await (const logs of inPages(listStoredLogs(db))) {
    const stored = await fleet.findStored(logs);
    for (const log of logs) {
      const { accountId, sessionId, indexes } = log;
      if (stored(log) === null) {
        const count = indexes.length;
        yield remains(
          'segments_without_session',
          log,
          { segments: count },
          `no session, but ${count} segments of its log`,
        );
        continue;
      }
      // Segments that come in while the ids are listed leave a hole behind that is none.
      const isSuspect = strayOf(log).length > 0;
      const again = isSuspect ? (await reader.list(accountId, sessionId)).map(String) : indexes;
      const odd = indexes.filter((index) => !CANONICAL.test(index));
      for (const index of isSuspect ? [...odd, ...strayOf({ indexes: again })] : []) {
        yield remains(
          'stray_segment',
          log,
          { index },
          `segment ${JSON.stringify(index)} stands behind a hole: no walk comes to it`,
        );
      }
    }
  }
}

const CANONICAL = /^(0|[1-9]\d{0,11})$/;

/** The indexes that no walk comes to: it goes from 0 on, without a hole. */
function strayOf({ indexes }: Pick<StoredLog, 'indexes'>): string[] {
  const there = new Set(indexes);
  let end = 0;
  while (there.has(String(end))) end += 1;
  return indexes.filter((index) => !CANONICAL.test(index) || Number(index) >= end);
}

async function* findReports(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  for await (const reported of inPages(listReportedSessions(db))) {
    const stored = await fleet.findStored(reported);
    for (const session of reported) {
      // An import hides a session only before anyone can ask for a report on it.
      if (stored(session) === 'published') continue;
      const { reports } = session;
      yield remains(
        'reports_without_session',
        session,
        { reports },
        `no session, but ${reports} reports in the ledger`,
      );
    }
  }
}

async function* findMisnamed(fleet: FleetSessions): AsyncGenerator<Remains> {
  for await (const { accountId, id } of fleet.listMisnamed()) {
    const log = { accountId: storedText(accountId), sessionId: storedText(id) };
    yield remains(
      'row_misnamed',
      log,
      {},
      'a session row whose id no session can have: no list shows it, and no walk comes to it',
    );
  }
}

async function* findOddJobs(db: Db): AsyncGenerator<Remains> {
  for await (const odd of createFleetReportJobs(db).listOdd()) {
    const [about, accountId] = [storedText(odd.id), storedText(odd.accountId)];
    const line =
      'a row of report_jobs that no order made as it is, and that is passed over: compare it with a backup, and remove it if somebody wrote it there';
    yield { finding: 'report_job_odd', about, accountId, line, details: { report_id: about } };
  }
}

async function* findImports(fleet: FleetSessions, before: Date): AsyncGenerator<Remains> {
  for await (const session of fleet.listUnfinishedImports(before)) {
    yield remains(
      'import_unfinished',
      session,
      {},
      'hidden for more than a day by an import that has not finished: import its bundle again',
    );
  }
}
