import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sumHour } from '../../../shared/aggregates/hour-sum.ts';
import { type Sums, SumsBuilder, sumsOfSession } from '../../../shared/aggregates/sums.ts';
import type { CountPair } from '../../../shared/audit/verdict.ts';
import type { EndedSession } from '../../../shared/sessions/session-sums.ts';

const names = fc.constantFrom(
  'NAME',
  'SSN',
  '__proto__',
  'constructor',
  '$gt',
  'a.b',
  'é',
  '\ud83d\ude00',
  '\uffee',
);
const pairs = fc.uniqueArray(fc.tuple(names, fc.integer({ min: 1, max: 9 })), { selector: ([name]) => name });
const sessions = fc.array(
  fc.record({
    status: fc.constantFrom('ok', 'error', 'partial'),
    durationMs: fc.integer({ min: 0, max: 5 }),
    byKind: pairs,
    byPass: pairs,
    failures: fc.nat(3),
  }),
  { maxLength: 12 },
);
type Drawn = {
  status: string;
  durationMs: number;
  byKind: CountPair[];
  byPass: CountPair[];
  failures: number;
};

const toEnded = ({ status, durationMs, byKind, byPass, failures }: Drawn, i: number): EndedSession => ({
  id: `sess_${i}`,
  agentId: 'agt_1',
  startedAt: new Date(0),
  durationMs,
  status: status as EndedSession['status'],
  aggregate: {
    redactionCount: byKind.reduce((sum, [, count]) => sum + count, 0),
    redactionsByKind: byKind,
    redactionsByPass: byPass,
    rehydrationFailureCount: failures,
    throughSeq: 9,
  },
  stage: 'counted',
  changes: 1,
});

function build(parts: readonly Sums[]): Sums {
  const builder = new SumsBuilder();
  for (const part of parts) builder.add(part);
  return builder.total();
}

/** Adds pairs up with an object that has no prototype, and sorts names by their UTF-16 code units. */
function naively(all: readonly CountPair[]): CountPair[] {
  const counts = Object.create(null) as Record<string, number>;
  for (const [name, count] of all) counts[name] = (counts[name] ?? 0) + count;
  return Object.keys(counts)
    .sort()
    .map((name) => [name, counts[name]!]);
}

describe('sums', () => {
  it('sums are the totals of the sessions, names of any kind included', () => {
    fc.assert(
      fc.property(sessions, (drawn) => {
        const sums = build(drawn.map(toEnded).map(sumsOfSession));
        const durations = drawn.map(({ durationMs }) => durationMs);
        assert.deepEqual(sums, {
          sessionCount: drawn.length,
          sessionsByStatus: naively(drawn.map(({ status }) => [status, 1])),
          redactionCount: drawn.flatMap(({ byKind }) => byKind).reduce((sum, [, count]) => sum + count, 0),
          redactionsByKind: naively(drawn.flatMap(({ byKind }) => byKind)),
          redactionsByPass: naively(drawn.flatMap(({ byPass }) => byPass)),
          rehydrationFailureCount: drawn.reduce((sum, { failures }) => sum + failures, 0),
          durations: [...new Set(durations)]
            .sort((a, b) => a - b)
            .map((duration) => [duration, durations.filter((each) => each === duration).length]),
        });
      }),
    );
  });

  it('sums of parts add up to the sums of the whole, however it is cut', () => {
    fc.assert(
      fc.property(sessions, fc.nat(12), (drawn, cut) => {
        const parts = drawn.map(toEnded).map(sumsOfSession);
        assert.deepEqual(build([build(parts.slice(cut)), build(parts.slice(0, cut))]), build(parts));
      }),
    );
  });

  it('sums leave out a name whose count is not above zero', () => {
    const [drawn] = [
      { status: 'ok', durationMs: 1, byKind: [['NAME', 0]], byPass: [], failures: 0 },
    ] as Drawn[];
    assert.deepEqual(build([sumsOfSession(toEnded(drawn!, 0))]).redactionsByKind, []);
  });
});

describe('the sum of an hour', () => {
  it('the sum of an hour states its sessions and how far each was counted, in any order of adding', () => {
    const drawn = { status: 'ok', durationMs: 1, byKind: [], byPass: [], failures: 0 };
    const [first, second] = [toEnded(drawn, 0), toEnded(drawn, 1)];
    const further = { ...second, aggregate: { ...second.aggregate, throughSeq: 10 } };
    assert.deepEqual(sumHour([first, second]), sumHour([second, first]));
    assert.notEqual(sumHour([first, second]).throughHex, sumHour([first, further]).throughHex);
    assert.notEqual(sumHour([first]).throughHex, sumHour([second]).throughHex);
    assert.equal(sumHour([]).sessionCount, 0);
  });
});
