// Summed hours in the database. Lists, statistics and charts read them instead of sessions. A row is replaced as a
// whole, by compare-and-swap. It is never removed: versions that start at 1 again would let an older sum win.
import type { Collection, Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { CountPair } from '../audit/verdict.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import type { ReadLimit } from '../mongo/read-limit.ts';
import {
  arePairs,
  areStoredCounts,
  COUNT_FIELDS,
  fromStoredCounts,
  isCount,
  isPair,
  type StoredCounts,
  toStoredCounts,
} from '../sessions/stored-counts.ts';
import { isTime } from '../time/is-time.ts';
import { presentTime } from '../time/present-time.ts';
import type { HourSums } from './hour-sum.ts';
import type { DurationPair } from './sums.ts';

/** Name of the collection. */
export const HOURS = 'redaction_aggregates';

/** One agent's UTC hour as it is stored; `hour` is its start. */
export type SummedHour = Readonly<{ agentId: string; hour: Date; sums: HourSums }>;

/** What stands in the place of an hour's row, whatever it is. */
export type FoundHour = Readonly<{
  /** As stored: only to be given to `replace`, and compared. */
  version: unknown;
  /** Null where the row holds a value of another type, or names another account, agent or hour. */
  sums: HourSums | null;
}>;

/** One agent's UTC hour; `hour` is its start. */
export type HourPlace = Readonly<{ accountId: string; agentId: string; hour: Date }>;

/** The hours to read: those in `[since, until)`, of one agent or of all. */
export type HourQuery = Readonly<{
  /** Inclusive, the start of an hour. */
  since: Date;
  /** Exclusive, the start of an hour. */
  until: Date;
  agentId?: string | undefined;
  /** False reads no `durations`, which are most of a row's bytes, and leaves them empty. */
  withDurations?: boolean | undefined;
}>;

type StoredHour = StoredCounts & {
  _id: string;
  account_id: string;
  agent_id: string;
  hour: Date;
  version: number;
  session_count: number;
  sessions_by_status: CountPair[];
  durations_ms?: DurationPair[];
  /** `throughHex` of `HourSums`. */
  through: string;
};

const FIELDS = {
  agent_id: 1,
  hour: 1,
  version: 1,
  session_count: 1,
  sessions_by_status: 1,
  ...COUNT_FIELDS,
  through: 1,
} as const;
const FIELDS_WITH_DURATIONS = { ...FIELDS, durations_ms: 1 } as const;
const BATCH = 1000;

/** Indexes of `redaction_aggregates`: the hours of an account and of an agent by time. */
export const HOUR_INDEXES: readonly IndexSpec[] = [
  { collection: HOURS, key: { account_id: 1, hour: 1 } },
  { collection: HOURS, key: { account_id: 1, agent_id: 1, hour: 1 } },
];

/** The summed hours of an account. */
export type HourRepository = ReturnType<typeof createHourRepository>;

/** Stores and finds summed hours; `limit` is on each list. All methods reject with the driver's error when the database is away. */
export function createHourRepository(db: Db, limit: ReadLimit = {}) {
  const hours: Collection<StoredHour> = db.collection(HOURS);

  return {
    /** The hour as it was last summed, or null when it never was. */
    async find(accountId: string, agentId: string, hour: Date): Promise<FoundHour | null> {
      // By its id alone, which names the account too: a row whose account_id is damaged stands in the way of every insert.
      const row = await hours.findOne(
        { _id: hourId(accountId, agentId, hour) },
        { projection: { account_id: 1, ...FIELDS_WITH_DURATIONS } },
      );
      return row && toFound(row, { accountId, agentId, hour });
    },

    /** What stands in the places of an agent's hours, in no order. Passes over rows whose `_id` names no hour. */
    async *listFound(
      accountId: string,
      agentId: string,
    ): AsyncGenerator<FoundHour & Readonly<{ hour: Date }>> {
      // '0' follows '/'.
      const filter = { _id: { $gte: `${accountId}/${agentId}/`, $lt: `${accountId}/${agentId}0` } };
      const projection = { account_id: 1, ...FIELDS_WITH_DURATIONS };
      for await (const row of hours.find(filter, { projection, batchSize: BATCH, ...limit })) {
        const place = placeOf(row._id);
        if (place) yield { hour: place.hour, ...toFound(row, place) };
      }
    },

    /** The summed hours in `[since, until)`, in no order. Passes over rows that hold values of other types. */
    async *list(
      accountId: string,
      { since, until, agentId, withDurations = true }: HourQuery,
    ): AsyncGenerator<SummedHour> {
      const rows = hours.find(
        {
          account_id: accountId,
          hour: { $gte: since, $lt: until },
          ...(agentId !== undefined && { agent_id: agentId }),
        },
        { projection: withDurations ? FIELDS_WITH_DURATIONS : FIELDS, batchSize: BATCH, ...limit },
      );
      for await (const row of rows) if (isReadable(row)) yield toSummed(row);
    },

    /**
     * Writes the version after the one that was seen, or version 1 where there was no row. Requires that `seen` was read
     * before the sessions that were summed. A row of a damaged version is replaced too: sums are made from sessions. False,
     * and nothing is written, if another writer was first.
     */
    async replace(
      accountId: string,
      agentId: string,
      hour: Date,
      sums: HourSums,
      seen: Pick<FoundHour, 'version'> | null,
    ): Promise<boolean> {
      const row: StoredHour = {
        _id: hourId(accountId, agentId, hour),
        account_id: accountId,
        agent_id: agentId,
        hour,
        version: seen ? versionAfter(seen.version) : 1,
        ...toStoredSums(sums),
      };
      if (!seen) return insertRow(hours, row);
      const { modifiedCount } = await hours.replaceOne(
        { _id: row._id, version: { $eq: seen.version as number } },
        row,
      );
      return modifiedCount === 1;
    },
  };
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** After a damaged version goes on from the time, which no count of writes reaches: an older sum must lose its race. */
function versionAfter(seen: unknown): number {
  return isVersion(seen) && seen < Number.MAX_SAFE_INTEGER ? seen + 1 : Date.now();
}

/** The `_id` of the row of an agent's UTC hour. */
export function hourId(accountId: string, agentId: string, hour: Date): string {
  return `${accountId}/${agentId}/${presentTime(hour)}`;
}

/** The hour that an `_id` names; null where it names none. */
export function placeOf(id: unknown): HourPlace | null {
  const [accountId = '', agentId = '', time = ''] = String(id).split('/');
  const hour = new Date(time);
  const isHour = isId('account', accountId) && isId('agent', agentId) && isTime(hour);
  return isHour && id === hourId(accountId, agentId, hour) ? { accountId, agentId, hour } : null;
}

function toFound(row: StoredHour, { accountId, agentId, hour }: HourPlace): FoundHour {
  const isWell =
    row.account_id === accountId &&
    row.agent_id === agentId &&
    isReadable(row) &&
    row.hour.getTime() === hour.getTime() &&
    isVersion(row.version);
  return { version: row.version, sums: isWell ? toSummed(row).sums : null };
}

function toStoredSums(sums: HourSums) {
  return {
    session_count: sums.sessionCount,
    sessions_by_status: [...sums.sessionsByStatus],
    ...toStoredCounts(sums),
    durations_ms: [...sums.durations],
    through: sums.throughHex,
  };
}

/** Whether every value has its type. An hour whose row is not readable is summed from its sessions. */
function isReadable(row: StoredHour): boolean {
  return (
    isId('agent', row.agent_id) &&
    isTime(row.hour) &&
    isCount(row.session_count) &&
    arePairs(row.sessions_by_status) &&
    areStoredCounts(row) &&
    (row.durations_ms ?? []).every?.((pair) => isPair(pair) && isCount(pair[0])) === true
  );
}

function toSummed(row: StoredHour): SummedHour {
  return {
    agentId: row.agent_id,
    hour: row.hour,
    sums: {
      sessionCount: row.session_count,
      sessionsByStatus: row.sessions_by_status,
      ...fromStoredCounts(row),
      durations: row.durations_ms ?? [],
      throughHex: row.through,
    },
  };
}
