// What a database still says of sessions that are gone or hidden. A walk begins at a session's row, so it never comes to
// a log whose row was deleted; segments, ledger and sums were written by others and name it still.
import type { Db } from 'mongodb';
import { listHourCounts } from '../../shared/aggregates/fleet-hours.ts';
import { floorHour } from '../../shared/aggregates/hour-sum.ts';
import { listStoredLogs, type StoredLog } from '../../shared/log-store/fleet-segments.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { storedText } from '../../shared/mongo/stored-text.ts';
import { listReportedSessions } from '../../shared/reports/fleet-ledger.ts';
import { createFleetSessions, type FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { isCount } from '../../shared/sessions/stored-counts.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { isTime } from '../../shared/time/is-time.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { findMissing } from './find-missing.ts';
import { findPayloads } from './find-payloads.ts';
import { inPages } from './in-pages.ts';
import { orBrokenOff, type Remains, remains } from './remains.ts';

/**
 * Looks at every segment's id, ledger row and hour's sum. A part at which it throws is named, and the others go on. Rejects
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

async function* findHours(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  let account = '';
  let hours = new Map<string, StoredSum>();
  for await (const { accountId, agentId, hour, sessionCount, redactionCount } of listHourCounts(db)) {
    if (accountId !== account) {
      account = accountId;
      hours = await sumHours(fleet, accountId);
    }
    const isHour = isTime(hour);
    const stored = (isHour && hours.get(hourName(agentId, hour))) || NOTHING;
    const found = (finding: string, summed: unknown, there: number, what: string): Remains => {
      const name = isHour ? presentTime(hour) : storedText(hour);
      const details = { agent_id: agentId, hour: name, summed, stored: there };
      const line = `the sum of the hour of ${name} counts ${storedText(summed)} ${what}, and ${there} are stored (npm run rebuild-aggregates sums it again)`;
      return { finding, about: storedText(agentId), accountId, details, line };
    };
    if (!isHour || stored.sessions < sessionCount) {
      yield found('hour_counts_missing_sessions', sessionCount, stored.sessions, 'sessions');
    } else if (stored.isSettled && stored.sessions === sessionCount && stored.redactions !== redactionCount) {
      yield found('hour_sum_differs', redactionCount, stored.redactions, 'redactions');
    }
  }
}

/** What an hour's sum has to hold. `isSettled`: nothing is due for any of its sessions. */
type StoredSum = Readonly<{ sessions: number; redactions: number; isSettled: boolean }>;

const NOTHING: StoredSum = { sessions: 0, redactions: 0, isSettled: true };

async function sumHours(fleet: FleetSessions, accountId: string): Promise<Map<string, StoredSum>> {
  const hours = new Map<string, StoredSum>();
  for await (const { agentId, startedAt, redactionCount, isSettled } of fleet.listEndedStarts(accountId)) {
    // The walk over its log names such a row.
    if (!isTime(startedAt)) continue;
    const name = hourName(agentId, new Date(floorHour(startedAt.getTime())));
    const sum = hours.get(name) ?? NOTHING;
    hours.set(name, {
      sessions: sum.sessions + 1,
      // As statistics read it: whatever is no count is none.
      redactions: sum.redactions + (isCount(redactionCount) ? redactionCount : 0),
      isSettled: sum.isSettled && isSettled,
    });
  }
  return hours;
}

function hourName(agentId: unknown, hour: Date): string {
  return `${storedText(agentId)} ${hour.getTime()}`;
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
