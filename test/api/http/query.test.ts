import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { parseQuery } from '../../../api/http/query.ts';
import { none } from '../../../api/http/route-spec.ts';
import { sessionsQuery } from '../../../api/http/session-list-query.ts';
import { agentsQuery } from '../../../api/routes/agents/schema.ts';
import { reportQuery } from '../../../api/routes/sessions/schema.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { TIME_FAULTS, type TimeFault } from '../../../shared/time/parse-time.ts';
import { IMPOSSIBLE_OFFSETS, IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

const BAD = {
  limit: [
    '',
    '0',
    '101',
    '1.5',
    'abc',
    '-1',
    '1e1',
    '+5',
    ' 5',
    '05',
    '0x10',
    '9'.repeat(400),
    '٣',
    '%zz',
    '%00',
    'NaN',
  ],
  cursor: [''],
  since: [
    '',
    'yesterday',
    '0h',
    '367d',
    '2026-02-30T00:00:00Z',
    '2026-05-03',
    '%zz',
    '%E0%A4%A',
    '%ED%A0%80',
    '%00',
  ],
  until: ['', '24h', '2026-02-30T00:00:00Z', '2026-05-03T21:14:32+02:00', '%zz'],
  status: ['', 'OK', 'ok ', 'ok,error', '%00', 'constructor', '__proto__'],
  min_redactions: ['', '-1', '1.5', 'abc', '1e3', '00', '9'.repeat(400)],
  agent_id: [
    '',
    'agt_',
    'agt_01hyz',
    'sess_01KQGDBJ0084G7ZWYRD6Z1RV0W',
    'agt_01KQGDBJ0084G7ZWYRD6Z1RV0W%00',
    '*',
    '$ne',
  ],
};

for (const [name, values] of Object.entries(BAD)) {
  test(`a bad value of ${name} is refused, and the parameter is named`, () => {
    for (const value of values) {
      assert.throws(() => parseQuery(sessionsQuery, `${name}=${value}`), refusal(name), value.slice(0, 40));
    }
  });
}

test('a time that no calendar has is refused as a bound of a window, with its reason', () => {
  for (const name of ['since', 'until'] as const) {
    for (const [fault, texts] of Object.entries({ ...IMPOSSIBLE_TIMES, ...IMPOSSIBLE_OFFSETS })) {
      const message = `${name} ${TIME_FAULTS[fault as TimeFault]}.`;
      for (const text of texts) {
        const query = `${name}=${encodeURIComponent(text)}`;
        assert.throws(
          () => parseQuery(sessionsQuery, query),
          (error: unknown) => refusal(name)(error) && (error as Error).message === message,
          text,
        );
      }
    }
  }
});

test('a parameter given twice is refused, even with the same value', () => {
  const good = {
    limit: '5',
    cursor: 'x',
    since: '24h',
    until: '2026-05-03T21:14:32Z',
    status: 'ok',
    min_redactions: '1',
    agent_id: 'agt_01KQGDBJ0084G7ZWYRD6Z1RV0W',
  };
  for (const [name, value] of Object.entries(good)) {
    assert.throws(() => parseQuery(sessionsQuery, `${name}=${value}&${name}=${value}`), refusal(name));
  }
});

test('a report format other than json and pdf is refused', () => {
  for (const value of ['', 'xml', 'JSON', 'json,pdf', '__proto__']) {
    assert.throws(() => parseQuery(reportQuery, `format=${value}`), refusal('format'));
  }
});

test('a refusal never repeats the value that was sent', () => {
  assert.throws(
    () => parseQuery(sessionsQuery, 'since=555-01-4477'),
    (error: Error) => !error.message.includes('4477'),
  );
});

test('an empty query gives the defaults', () => {
  assert.deepEqual(parseQuery(sessionsQuery, ''), { limit: 25 });
  assert.deepEqual(parseQuery(agentsQuery, ''), { limit: 25 });
  assert.deepEqual(parseQuery(reportQuery, ''), { format: 'json' });
});

test('limits from 1 to 100 are accepted', () => {
  for (const limit of [1, 9, 10, 99, 100]) {
    assert.equal(parseQuery(sessionsQuery, `limit=${limit}`).limit, limit);
  }
});

test('an unknown parameter is refused, and the nearest known one is named', () => {
  const nearest = {
    ...{ agentid: 'agent_id', agent_ids: 'agent_id', 'agent_id[]': 'agent_id', 'agent_id[$ne]': 'agent_id' },
    ...{ account_id: 'agent_id', stauts: 'status', Status: 'status', 'status[]': 'status' },
    ...{ min_redaction: 'min_redactions', logstate: 'log_state', Limit: 'limit', 'limit ': 'limit' },
  };
  for (const [name, known] of Object.entries(nearest)) {
    const query = `${encodeURIComponent(name)}=1&limit=5`;
    assert.throws(
      () => parseQuery(sessionsQuery, query),
      (error: unknown) =>
        error instanceof AppError &&
        error.code === 'validation_failed' &&
        error.message.includes(`the nearest is ${known}. It takes limit, cursor,`),
      name,
    );
  }
  assert.throws(() => parseQuery(sessionsQuery, 'agent_id[]=x'), refusal('agent_id'));
  assert.throws(() => parseQuery(sessionsQuery, 'Alvarez=1&stauts=ok'), refusal('status'));
});

test('a parameter that is spelt like a known one may be a name, and is not repeated', () => {
  assert.throws(
    () => parseQuery(reportQuery, 'Forman=1'),
    (error: unknown) => refusal('format')(error) && !/forman/i.test((error as Error).message),
  );
});

test('unknown parameters that resemble no known one are counted and not repeated', () => {
  for (const [query, counted] of [
    ['Alvarez=1', 'a parameter that is'],
    ['MariaAlvarez=1&maria_alvarez=2&Alvarez=3&Alvarez=4&limit=5', '3 parameters that are'],
  ] as const) {
    assert.throws(
      () => parseQuery(sessionsQuery, query),
      (error: unknown) =>
        refusal(undefined)(error) &&
        (error as Error).message.startsWith(`The query has ${counted} not taken here`) &&
        (error as Error).message.includes('It takes limit, cursor,') &&
        !/alvarez/i.test((error as Error).message),
    );
  }
  assert.throws(
    () => parseQuery(none, 'Alvarez=1'),
    (error: unknown) =>
      refusal(undefined)(error) &&
      (error as Error).message === 'The query has a parameter that is not taken here: leave it out.',
  );
});

test('names that are no names are refused and not repeated', () => {
  for (const name of ['', '%zz', '__proto__1', 'constructor', '555-01-4477', 'x'.repeat(9_000)]) {
    assert.throws(
      () => parseQuery(sessionsQuery, `${name}=1`),
      (error: unknown) =>
        error instanceof AppError &&
        error.code === 'validation_failed' &&
        !error.message.includes('4477') &&
        error.param === undefined,
    );
  }
});

test('an address without parameters refuses any', () => {
  assert.throws(() => parseQuery(none, 'x=1'), refusal(undefined));
  assert.deepEqual(parseQuery(none, ''), {});
  assert.deepEqual(parseQuery(none, '&'), {});
});

test('a loose schema passes over names that it does not have, and reads its own', () => {
  const loose = z.looseObject({ own: z.string().optional() });
  assert.deepEqual(parseQuery(loose, 'own=1&theirs=2&theirs=3&%zz'), { own: '1' });
  assert.throws(() => parseQuery(loose, 'own=1&own=2'), refusal('own'));
  assert.throws(() => parseQuery(z.object({ own: z.string() }), 'own=1&theirs=2'), refusal(undefined));
});

test('percent-encoded names and values are accepted', () => {
  const query = parseQuery(sessionsQuery, '%6Cimit=%31%30&until=2026-05-03T21%3A14%3A32%2B02%3A00');
  assert.equal(query.limit, 10);
  assert.equal(query.until?.toISOString(), '2026-05-03T19:14:32.000Z');
});

function refusal(param: string | undefined) {
  return (error: unknown) =>
    error instanceof AppError && error.code === 'validation_failed' && error.param === param;
}
