import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeAlerts } from '../../../shared/reports/time-alerts.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { timesOf } from '../../support/entry-times.ts';

const START = Date.parse('2026-05-02T12:00:00.000Z');
const END = START + 5_000;
const REPORT = START + 24 * HOUR_MS;

const at = (ms: number) => new Date(ms).toISOString();

function alertsOf(entries: readonly number[], end: number | null = END, start = START) {
  const session = { startedAt: new Date(start), endedAt: end === null ? null : new Date(end) };
  return timeAlerts(session, new Date(REPORT), timesOf(entries.map(at)));
}

const codesOf = (...args: Parameters<typeof alertsOf>) => alertsOf(...args).map(({ code }) => code);

describe('the alerts on times', () => {
  it('are none for entries in their order and within an hour of the session', () => {
    assert.deepEqual(alertsOf([]), []);
    assert.deepEqual(alertsOf([START, START, END]), []);
    assert.deepEqual(alertsOf([START - HOUR_MS, END + HOUR_MS]), []);
  });

  it('count the entries that are dated before the one in front of them, and name the first', () => {
    const [alert, ...others] = alertsOf([START, START + 3, START + 1, START + 9, START + 9, START + 4]);
    assert.deepEqual(others, []);
    const { statement, ...found } = alert!;
    assert.deepEqual(found, { code: 'times_go_back', entries: 2, seq: 2, ts: null, by_ms: 5 });
    assert.match(statement, /never the clock/);
  });

  it('name the earliest entry where it is more than an hour before the session, and the latest after it', () => {
    const early = START - HOUR_MS - 1;
    const late = END + HOUR_MS + 1;
    const alerts = alertsOf([early, START, late]).map(({ code, seq, ts, by_ms }) => [code, seq, ts, by_ms]);
    assert.deepEqual(alerts, [
      ['entry_before_session', 0, at(early), HOUR_MS + 1],
      ['entry_after_session', 2, at(late), HOUR_MS + 1],
    ]);
  });

  it('say that the end is before the start, and measure from the earlier of the two', () => {
    const end = START - 10 * HOUR_MS;
    const within = alertsOf([end - HOUR_MS, START + HOUR_MS], end);
    assert.deepEqual(
      within.map(({ code, by_ms }) => [code, by_ms]),
      [['ended_before_started', 10 * HOUR_MS]],
    );
    assert.deepEqual(codesOf([end - HOUR_MS - 1], end), ['ended_before_started', 'entry_before_session']);
    assert.deepEqual(codesOf([START + HOUR_MS + 1], end), ['ended_before_started', 'entry_after_session']);
  });

  it('hold an open session against the time of the report', () => {
    assert.deepEqual(codesOf([START, REPORT + HOUR_MS], null), []);
    assert.deepEqual(codesOf([START, REPORT + HOUR_MS + 1], null), [
      'entry_after_session',
      'entry_after_report',
    ]);
  });

  it('name a start, an end and an entry that are more than an hour after the report', () => {
    const late = REPORT + HOUR_MS;
    assert.deepEqual(alertsOf([late], late, late), []);
    const found = alertsOf([late + 3], late + 2, late + 1);
    assert.deepEqual(
      found.map(({ code, entries, seq, ts, by_ms }) => [code, entries, seq, ts, by_ms]),
      [
        ['starts_after_report', null, null, null, HOUR_MS + 1],
        ['ends_after_report', null, null, null, HOUR_MS + 2],
        ['entry_after_report', null, 0, at(late + 3), HOUR_MS + 3],
      ],
    );
    assert.deepEqual(codesOf([], null, late + 1), ['starts_after_report']);
  });
});
