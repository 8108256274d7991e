// Holds the hours and days of zones against an oracle that reads their clocks day by day. With FAULT_ROUNDS, as
// `npm run test:faults` sets it, in every zone of the IANA database from 1970 to 2037; otherwise where zones are known to be odd.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers';
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { cutWindow, cutWindowInTurns, isTimeZone } from '../../../shared/time/local-buckets.ts';
import { offsetSpans } from '../../../shared/time/zone-offsets.ts';

const ODD = [
  ['Pacific/Chatham', 2026],
  ['Australia/Lord_Howe', 2026],
  ['America/St_Johns', 2006],
  ['Pacific/Apia', 2011],
  ['Pacific/Kwajalein', 1993],
  ['Africa/Casablanca', 2026],
  ['Africa/Monrovia', 1972],
  ['Antarctica/Troll', 2026],
  ['America/Sao_Paulo', 2018],
  ['Europe/Dublin', 1916],
] as const;

function read(ms: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
}

const isWhole = (time: Temporal.ZonedDateTime) => time.minute === 0 && time.second === 0;
const hourOf = (time: Temporal.ZonedDateTime) =>
  time.toPlainDateTime().toString().slice(0, 'yyyy-mm-ddThh'.length);

/** Milliseconds to the next whole hour of the clock; 0 at one. */
const toWhole = ({ minute, second }: Temporal.ZonedDateTime) => ((3600 - minute * 60 - second) % 3600) * 1000;

/** Whole hours in a stretch without a change of the clocks. */
function wholeHours(beginMs: number, endMs: number, zone: string): number[] {
  const hours: number[] = [];
  for (let at = beginMs + toWhole(read(beginMs, zone)); at < endMs; at += HOUR_MS) hours.push(at);
  return hours;
}

/** The first millisecond of the other offset. */
function findChange(beginMs: number, endMs: number, zone: string): number {
  let [low, high] = [beginMs, endMs];
  const { offset } = read(low, zone);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (read(middle, zone).offset === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** What the clock shows at both ends of an hour tells whether it changed in between. */
function hoursIn(beginMs: number, endMs: number, zone: string): number[] {
  if (read(beginMs, zone).offset === read(endMs, zone).offset) return wholeHours(beginMs, endMs, zone);
  const changeMs = findChange(beginMs, endMs, zone);
  const changed = read(changeMs, zone);
  const isNew = isWhole(changed) || hourOf(changed) !== hourOf(read(changeMs - 1, zone));
  return [
    ...wholeHours(beginMs, changeMs, zone),
    ...(isNew ? [changeMs] : []),
    ...wholeHours(changeMs, endMs, zone),
  ];
}

function oracleHours(sinceMs: number, untilMs: number, zone: string): number[] {
  const found = new Set<number>();
  for (let day = sinceMs; day < untilMs; day += DAY_MS) {
    const { offset } = read(day, zone);
    const isPlain = [3, 6, 9, 12, 15, 18, 21, 24].every(
      (hour) => read(day + hour * HOUR_MS, zone).offset === offset,
    );
    const hours = isPlain
      ? wholeHours(day, day + DAY_MS, zone)
      : Array.from({ length: 24 }, (_, i) =>
          hoursIn(day + i * HOUR_MS, day + (i + 1) * HOUR_MS, zone),
        ).flat();
    for (const hour of hours) found.add(hour);
  }
  return [...found].filter((at) => at > sinceMs && at < untilMs).sort((a, b) => a - b);
}

function oracleDays(sinceMs: number, untilMs: number, zone: string): number[] {
  const found = new Set<number>();
  const last = read(untilMs, zone).toPlainDate().add({ days: 1 });
  let date = read(sinceMs, zone).toPlainDate();
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    found.add(date.toZonedDateTime(zone).startOfDay().epochMilliseconds);
  }
  return [...found].filter((at) => at > sinceMs && at < untilMs).sort((a, b) => a - b);
}

function without(times: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return times.filter((time) => !known.has(time));
}

function assertAgrees(zone: string, year: number): void {
  const [sinceMs, untilMs] = [Date.UTC(year), Date.UTC(year + 1)];
  const window = { since: new Date(sinceMs), until: new Date(untilMs) };
  for (const [bucket, oracle] of [
    ['hour', oracleHours],
    ['day', oracleDays],
  ] as const) {
    const starts = cutWindow(window, bucket, zone, 10_000)!.slice(1, -1);
    const expected = oracle(sinceMs, untilMs, zone).map((ms) => new Date(ms).toISOString());
    const found = starts.map((start) => start.toISOString());
    const differing = { lacking: without(expected, found), wrong: without(found, expected) };
    assert.deepEqual(differing, { lacking: [], wrong: [] }, `${bucket}s of ${zone} in ${year}`);
  }
}

describe('hours and days of a zone', () => {
  for (const [zone, year] of ODD) {
    it(`hours and days of ${zone} in ${year} are those that its clocks show`, () => assertAgrees(zone, year));
  }

  it('hours and days of every zone are those that its clocks show, from 1970 to 2037', (t) => {
    if (process.env.FAULT_ROUNDS === undefined) return;
    const zones = Intl.supportedValuesOf('timeZone');
    for (const zone of zones) {
      for (let year = 1970; year < 2038; year += 1) {
        // A year without a change is like any other: one in ten is read all the same.
        const spans = [...offsetSpans(zone, Date.UTC(year) - DAY_MS, Date.UTC(year + 1) + DAY_MS)];
        if (spans.length > 1 || year % 10 === 6) assertAgrees(zone, year);
      }
    }
    t.diagnostic(`${zones.length} zones`);
  });

  it('an hour that Chatham skips in part begins where its clocks show it first', () => {
    const window = { since: new Date('2026-09-26T13:00:00Z'), until: new Date('2026-09-26T15:30:00Z') };
    assert.deepEqual(
      cutWindow(window, 'hour', 'Pacific/Chatham', 100)!.map((edge) => edge.toISOString().slice(11, 16)),
      ['13:00', '13:15', '14:00', '14:15', '15:15', '15:30'],
    );
  });

  it('a window that begins after clocks went back over midnight ascends', () => {
    const window = { since: new Date('2006-10-29T02:40:00Z'), until: new Date('2006-10-31T12:00:00Z') };
    const edges = cutWindow(window, 'day', 'America/St_Johns', 100)!.map(Number);
    assert.deepEqual(
      edges,
      edges.toSorted((a, b) => a - b),
    );
  });

  it('the event loop turns while the days of decades are cut', async () => {
    let turns = 0;
    let isCutting = true;
    const turn = () => {
      turns += 1;
      if (isCutting) setImmediate(turn);
    };
    turn();
    const window = { since: new Date('1999-01-01T00:00:00Z'), until: new Date('2026-01-01T00:00:00Z') };
    const edges = await cutWindowInTurns(window, 'day', 'Europe/Berlin', 10_000);
    isCutting = false;
    assert.equal(edges?.length, 27 * 365 + 7 + 2);
    assert.ok(turns >= 54, `${turns} turns for 54 changes of the clocks`);
  });

  it('the number of buckets decides before any of them is made', (t) => {
    let made = 0;
    t.mock.method(Array, 'from', () => {
      made += 1;
      return [];
    });
    const window = { since: new Date('1999-01-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') };
    assert.equal(cutWindow(window, 'day', 'Europe/Berlin', 10_000), null);
    assert.equal(made, 0);
  });

  it('a zone is known in any case of its letters', () => {
    assert.ok(isTimeZone('pacific/CHATHAM'));
    assertAgrees('pacific/CHATHAM', 2026);
  });
});
