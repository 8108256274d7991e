import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrder } from '../../../api/console/pages/reports/order-fields.ts';
import { nameWindow, periodAt } from '../../../api/console/pages/reports/windows.ts';
import { newId } from '../../../shared/audit/ids.ts';

const NOW = new Date('2026-01-01T02:00:00Z');

test('a form that was left as it came asks for last month on the whole account as a PDF', () => {
  assert.deepEqual(readOrder({}, 'America/New_York', NOW), {
    ok: true,
    asked: {
      scope: 'wide',
      agentId: null,
      window: { period: '2025-11', tz: 'America/New_York' },
      format: 'pdf',
      exceptions: 'refuse',
      paper: undefined,
    },
  });
});

test('months and quarters follow the clocks of the zone, also across a year', () => {
  // In New York the old year has three hours left.
  assert.equal(periodAt('last_month', NOW, 'UTC'), '2025-12');
  assert.equal(periodAt('last_month', NOW, 'America/New_York'), '2025-11');
  assert.equal(periodAt('this_month', NOW, 'America/New_York'), '2025-12');
  assert.equal(periodAt('this_quarter', NOW, 'America/New_York'), '2025-Q4');
  assert.equal(periodAt('last_quarter', NOW, 'UTC'), '2025-Q4');
  assert.equal(periodAt('last_quarter', new Date('2026-04-01T00:00:00Z'), 'UTC'), '2026-Q1');
});

test('own dates are whole days of the zone, the last one included', () => {
  const zone = 'Europe/Berlin';
  const fields = { when: 'own', from: '2025-10-25', to: '2025-10-26', format: 'csv', exceptions: 'list' };
  const read = readOrder({ ...fields, tz: zone }, 'UTC', NOW);
  assert.ok(read.ok && read.asked.scope === 'wide');
  const { since, until, tz } = read.asked.window;
  assert.ok(since && 'at' in since);
  assert.deepEqual(
    [since.at.toISOString(), until?.toISOString(), tz],
    ['2025-10-24T22:00:00.000Z', '2025-10-26T23:00:00.000Z', zone],
  );
  assert.deepEqual([read.asked.format, read.asked.exceptions], ['csv', 'list']);
});

test('fields that the choices hide are not looked at', () => {
  const hidden = { scope: 'account', agent_id: 'x', session_id: 'y', from: 'z', to: 'z' };
  assert.ok(readOrder(hidden, 'UTC', NOW).ok);
  const sessionId = newId('session');
  const unseen = { when: 'x', tz: 'x', exceptions: 'x', paper: 'x' };
  const session = { scope: 'session', session_id: ` ${sessionId} `, format: 'json', ...unseen };
  assert.deepEqual(readOrder(session, 'UTC', NOW), {
    ok: true,
    asked: { scope: 'session', sessionId, format: 'json', paper: undefined },
  });
});

test('each wrong field is named with what to do', () => {
  const own = { when: 'own', from: '2025-10-01', to: '2025-10-31' };
  for (const [fields, problem] of [
    [{ scope: 'all' }, /Choose what the report is about/],
    [{ scope: 'agent' }, /Choose the agent/],
    [{ scope: 'agent', agent_id: '"><script>' }, /Choose the agent/],
    [{ scope: 'session' }, /id of the session/],
    [{ scope: 'session', session_id: newId('session'), format: 'csv' }, /PDF or JSON/],
    [{ when: 'someday' }, /Choose a month/],
    [{ paper: 'a3' }, /Choose the paper/],
    [{ format: 'exe' }, /Choose a format/],
    [{ exceptions: 'hide' }, /Choose what becomes/],
    [{ tz: '+05:30' }, /time zone/],
    [{ tz: 'Mars/Olympus' }, /time zone/],
    [{ ...own, to: undefined }, /both dates/],
    [{ ...own, from: '2025-02-30' }, /both dates/],
    [{ ...own, from: '2025-Q3' }, /both dates/],
    [{ ...own, from: '2025-11-01' }, /exchange/],
    [{ ...own, from: '2027-01-01', to: '2027-01-02' }, /future: choose a first day/],
    [{ ...own, from: '2020-01-01' }, /longer than a year/],
  ] as const) {
    const read = readOrder(fields, 'UTC', NOW);
    assert.ok(!read.ok, JSON.stringify(fields));
    assert.match(read.problem, problem);
  }
});

test('a window is named by its period, its days, or its times', () => {
  const named = (since: string, until: string, tz = 'UTC', period: string | null = null) =>
    nameWindow({ since, until, tz, period });
  assert.equal(named('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z', 'UTC', '2026-09'), 'September 2026');
  assert.equal(named('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z'), 'September 2026');
  assert.equal(named('2026-07-01T00:00:00Z', '2026-10-01T00:00:00Z'), 'Q3 2026');
  assert.equal(named('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'), '2026');
  assert.equal(named('2026-08-31T22:00:00Z', '2026-09-30T22:00:00Z', 'Europe/Berlin'), 'September 2026');
  assert.equal(named('2026-09-14T00:00:00Z', '2026-09-15T00:00:00Z'), '14 September 2026');
  assert.equal(
    named('2026-09-14T00:00:00Z', '2026-09-16T00:00:00Z'),
    '14 September 2026 to 15 September 2026',
  );
  assert.equal(
    named('2026-09-14T08:00:00Z', '2026-09-14T08:00:07Z'),
    '14 Sept 2026, 08:00:00 to 14 Sept 2026, 08:00:07',
  );
  assert.equal(
    named('2026-09-14T08:00:00Z', '2026-09-14T08:00:00Z'),
    '14 Sept 2026, 08:00:00 to 14 Sept 2026, 08:00:00',
  );
});
