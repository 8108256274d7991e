// Which sums of hours are not those of their sessions. A list, a statistic and a chart read a sum in place of sessions for
// which nothing is due.
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Db } from 'mongodb';
import { listHourRows } from '../../shared/aggregates/fleet-hours.ts';
import { findHourDrift, type HourDrift } from '../../shared/aggregates/hour-drift.ts';
import { createHourRepository, type HourPlace } from '../../shared/aggregates/hour-repository.ts';
import { floorHour, type HourSums, sumHour } from '../../shared/aggregates/hour-sum.ts';
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import { isId } from '../../shared/audit/ids.ts';
import { storedText } from '../../shared/mongo/stored-text.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createSessionSumRepository, type EndedSession } from '../../shared/sessions/session-sums.ts';
import { presentStoredTime, presentTime } from '../../shared/time/present-time.ts';
import type { Remains } from './remains.ts';

type Agent = Pick<HourPlace, 'accountId' | 'agentId'>;

/**
 * Reads each session and each sum once, in the order of an index, with the sessions of one hour in memory. A sum that
 * differs then is compared again on its own, since others may be writing.
 */
export async function* findHours(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  const sources = { hours: createHourRepository(db), sessionSums: createSessionSumRepository(db) };
  const agents = new Map<string, Agent>();
  const add = ({ accountId, agentId }: Agent) =>
    agents.set(`${accountId}/${agentId}`, { accountId, agentId });
  for await (const row of listHourRows(db)) {
    if (row.place) add(row.place);
    else yield strayRow(row);
  }
  for await (const agent of fleet.listAgentUses()) {
    // The walk over its log names another session.
    if (isId('account', agent.accountId) && isId('agent', agent.agentId)) add(agent);
  }
  for (const agent of agents.values()) {
    for await (const hour of findSuspects(sources, agent)) {
      const place = { ...agent, hour };
      const drift = await findHourDrift(sources, place);
      const found = drift && describeDrift(place, drift);
      if (found) yield found;
    }
  }
}

/**
 * The agent's hours whose sum and sessions differed while they were read. Leaves out a sum that may lag behind its
 * sessions, unless it counts more of them than there are.
 */
async function* findSuspects({ hours, sessionSums }: SumSources, agent: Agent): AsyncGenerator<Date> {
  const { accountId, agentId } = agent;
  const stored = new Map<number, Readonly<{ count: number; digest: string }>>();
  for await (const { hour, sums } of hours.listFound(accountId, agentId)) {
    stored.set(hour.getTime(), { count: sums?.sessionCount ?? 0, digest: sums ? digestOf(sums) : 'damaged' });
  }
  for await (const [hour, sessions] of byHour(sessionSums.readEndedByStart(accountId, agentId))) {
    const sum = stored.get(hour);
    stored.delete(hour);
    const isSettled = sessions.every(({ stage }) => stage === 'done');
    const holdsMore = (sum?.count ?? 0) > sessions.length;
    if (holdsMore || (isSettled && sum?.digest !== digestOf(sumHour(sessions)))) yield new Date(hour);
  }
  const nothing = digestOf(sumHour([]));
  for (const [hour, { digest }] of stored) if (digest !== nothing) yield new Date(hour);
}

/** In place of the sums, whose histograms would be as many as the sessions. */
function digestOf(sums: HourSums): string {
  return hash('sha256', JSON.stringify(Object.entries(sums).sort()));
}

async function* byHour(
  sessions: AsyncIterable<EndedSession>,
): AsyncGenerator<readonly [hour: number, sessions: readonly EndedSession[]]> {
  let at = 0;
  let some: EndedSession[] = [];
  for await (const session of sessions) {
    const hour = floorHour(session.startedAt.getTime());
    if (hour !== at && some.length > 0) yield [at, some];
    if (hour !== at) some = [];
    at = hour;
    some.push(session);
  }
  if (some.length > 0) yield [at, some];
}

const REMEDY = 'npm run rebuild-aggregates sums it again';

/** Null where the sum may only lag behind its sessions. */
function describeDrift(
  { accountId, agentId, hour }: HourPlace,
  { isStored, stored, sums, isSettled }: HourDrift,
): Remains | null {
  const name = presentTime(hour);
  const of = (finding: string, details: object, line: string): Remains => {
    return {
      ...{ finding, about: agentId, accountId },
      details: { agent_id: agentId, hour: name, ...details },
      line: `the sum of the hour of ${name} ${line} (${REMEDY})`,
    };
  };
  const compare = (summed: number, there: number) => ({ summed, stored: there });
  if (stored && stored.sessionCount > sums.sessionCount) {
    const counts = compare(stored.sessionCount, sums.sessionCount);
    const line = `counts ${counts.summed} sessions, and ${counts.stored} are stored`;
    return of('hour_counts_missing_sessions', counts, line);
  }
  if (!isSettled) return null;
  if (!isStored) {
    const line = `is gone, and ${sums.sessionCount} sessions say that it holds them`;
    return of('hour_sum_missing', { stored: sums.sessionCount }, line);
  }
  const fields = stored ? differingFields(stored, sums) : ['row'];
  const counts = fields.includes('redaction_count')
    ? compare(stored?.redactionCount ?? 0, sums.redactionCount)
    : {};
  const line = stored ? `has another ${fields.join(', ')} than its sessions` : 'is a damaged row';
  return of('hour_sum_differs', { fields, ...counts }, line);
}

const FIELD_NAMES = {
  sessionCount: 'session_count',
  sessionsByStatus: 'sessions_by_status',
  redactionCount: 'redaction_count',
  redactionsByKind: 'redactions_by_kind',
  redactionsByPass: 'redactions_by_pass',
  rehydrationFailureCount: 'rehydration_failure_count',
  durations: 'durations_ms',
  throughHex: 'through',
} as const satisfies Record<keyof HourSums, string>;

function differingFields(stored: HourSums, sums: HourSums): string[] {
  const names = Object.keys(FIELD_NAMES) as (keyof HourSums)[];
  return names
    .filter((name) => !isDeepStrictEqual(stored[name], sums[name]))
    .map((name) => FIELD_NAMES[name]);
}

function strayRow(
  row: Readonly<{ id: unknown; accountId: unknown; agentId: unknown; hour: unknown; count: unknown }>,
): Remains {
  const { id, accountId, agentId, count } = row;
  const hour = presentStoredTime(row.hour) ?? storedText(row.hour);
  return {
    finding: 'hour_counts_missing_sessions',
    about: storedText(agentId),
    accountId: storedText(accountId),
    details: { agent_id: agentId, hour, summed: count, stored: 0 },
    line: `a sum of the hour of ${hour} stands under ${storedText(id)}, which is no hour's: remove it from redaction_aggregates`,
  };
}
