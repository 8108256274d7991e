// Which ranges run, and in which order, when callers with large and small logs meet on the threads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { makeSampleLog, SAMPLE_KEY } from '../../../scripts/bench/sample-log.ts';
import { createAuditKey, createKeyring } from '../../../shared/audit/audit-keys.ts';
import { openingMarkOf } from '../../../shared/audit/opening.ts';
import { readSegment, SEGMENT_SIZE } from '../../../shared/log-store/segment.ts';
import type { SegmentReader } from '../../../shared/log-store/segment-reader.ts';
import { logRecordOf, type Session } from '../../../shared/sessions/session.ts';
import type { Deadline } from '../../../workers/logs/forecast.ts';
import type { Begun, RangeOutcome, RangeTask } from '../../../workers/logs/log-tasks.ts';
import { verifyHere } from '../../../workers/logs/verify-session.ts';
import { planWalk, RANGE_SIZE } from '../../../workers/logs/walk-plan.ts';
import { walkRange } from '../../../workers/logs/walk-range.ts';
import { walkRest } from '../../../workers/logs/walk-rest.ts';
import { FairQueue } from '../../../workers/threads/fair-queue.ts';
import { ThreadRun } from '../../../workers/threads/thread-run.ts';
import type { Threads } from '../../../workers/threads/threads.ts';
import { AGENT_ID, SESSION_ID } from '../../support/entries.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { NO_DOUBT, unmarked } from '../../support/verify.ts';

const LANES = 2;
const KEY = { id: 'k', bytes: new Uint8Array(32).fill(7) };
const keyCheck = createAuditKey(KEY).check;

type Tasks = Readonly<{ walkRange(task: RangeTask): Promise<RangeOutcome> }>;

/** Threads that begin every task at once and end the oldest when the test says so. */
function fakeThreads() {
  const begun: { who: string; task: RangeTask }[] = [];
  const ends: (() => void)[] = [];
  const threads = {
    run(_name: string, task: RangeTask) {
      begun.push({ who: task.log.accountId, task });
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const { begin, end } = task;
      ends.push(() => resolve({ kind: 'walked', range: { begin, end }, more: false }));
      return promise;
    },
  } as unknown as Threads<Tasks>;
  async function endOne(): Promise<void> {
    ends.shift()?.();
    await turn();
  }
  return { begun, threads, endOne };
}

function sessionOf(accountId: string, size: number): Session {
  const log = { size, headHashHex: 'ab'.repeat(32), keyId: 'k', keyCheck, seal: null };
  const root = { merkleRootHex: null, merkleRootSize: null };
  const facts = { startedAt: new Date(0), endedAt: null, status: 'ok', policySha256Hex: 'cd'.repeat(32) };
  return { accountId, id: SESSION_ID, agentId: AGENT_ID, log, ...root, ...facts } as unknown as Session;
}

function walkers(threads: Threads<Tasks>, deadline?: Deadline) {
  const queue = new FairQueue(LANES, 64);
  return (who: string, size: number, signal = new AbortController().signal) => {
    const run = new ThreadRun<Tasks>(threads, queue.enter(who), signal);
    const plan = planWalk(logRecordOf(sessionOf(who, size)), { until: null, listed: 1000 });
    const begun = { kind: 'begun', plan, range: { begin: 0, end: 0 } } as unknown as Begun;
    const ended = walkRest(begun, run.stop, (task) => run.task('walkRange', task), { lanes: LANES, deadline })
      .catch((error: unknown) => error)
      .finally(() => run[Symbol.dispose]());
    return { ended, stop: run.stop };
  };
}

describe('a report on 100 entries behind ten on a million each', () => {
  it('a report on a short log runs as soon as one range of the long ones ends', async () => {
    const { begun, threads, endOne } = fakeThreads();
    const walk = walkers(threads);
    for (let i = 0; i < 10; i += 1) walk(`large ${i}`, 1_000_000);
    for (let i = 0; i < 37; i += 1) await endOne();
    const before = begun.length;
    walk('small', 100);
    await turn();
    assert.equal(begun.length, before, 'every thread is taken');
    await endOne();
    assert.deepEqual(
      begun.slice(before).map(({ who }) => who),
      ['small'],
    );
  });
});

describe('a report on a log that is too long for its deadline', () => {
  it('a report on a log that is too long for its deadline is given up after its first ranges', async () => {
    const { begun, threads, endOne } = fakeThreads();
    const reason = new Error('too late');
    const walk = walkers(threads, { atMs: performance.now() - 1, reason: () => reason });
    const { ended, stop } = walk('large', 1_000_000);
    for (let i = 0; i < 20; i += 1) await endOne();
    assert.equal(await ended, reason);
    assert.ok(begun.length < 8 + LANES, `${begun.length} ranges of 123`);
    assert.equal(Atomics.load(stop, 0), 1);
  });
});

describe('a cancelled report', () => {
  it('a cancelled report begins no range, stops those that run, and leaves the threads to others', async () => {
    const { begun, threads, endOne } = fakeThreads();
    const walk = walkers(threads);
    const cancelled = new AbortController();
    const large = walk('large', 1_000_000, cancelled.signal);
    await endOne();
    const before = begun.length;
    walk('other', 1_000_000);
    cancelled.abort(new Error('the caller hung up'));
    for (const { task } of begun) assert.equal(Atomics.load(task.stop, 0), 1);
    for (let i = 0; i < 5; i += 1) await endOne();
    await large.ended;
    assert.deepEqual(new Set(begun.slice(before).map(({ who }) => who)), new Set(['other']));
  });

  it('a thread reads no more segments once its stop flag is set', async () => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const { log, segments } = makeSampleLog(16 * SEGMENT_SIZE);
    let reads = 0;
    const reader = {
      async read(_account: string, _session: string, indexes: readonly number[]) {
        reads += 1;
        if (reads === 3) Atomics.store(stop, 0, 1);
        return indexes.map((index) => readSegment(segments[index] as Uint8Array));
      },
    } as unknown as SegmentReader;
    const key = { keyId: SAMPLE_KEY.id, keyCheck: createAuditKey(SAMPLE_KEY).check };
    const deps = { reader, keyring: createKeyring([SAMPLE_KEY]) };
    const range = { begin: 0, end: RANGE_SIZE, last: false, snapshotSizes: [], until: null, listed: 0 };
    const outcome = await walkRange(deps, {
      log: { accountId: 'a', startedAt: new Date(), ...log, ...key },
      ...range,
      stop,
    });
    assert.deepEqual([outcome, reads], [{ kind: 'stopped' }, 3]);
  });
});

describe('a long log with an anchor in its first range', () => {
  for (const size of [512, 600, RANGE_SIZE - 1]) {
    it(`a long log is read once where a report stated the root of ${size} entries`, async () => {
      const { log, texts, segments } = makeSampleLog(RANGE_SIZE);
      const read: number[] = [];
      const reader = {
        async read(_account: string, _session: string, indexes: readonly number[]) {
          const stored = indexes.filter((index) => index < segments.length);
          read.push(...stored);
          return stored.map((index) => readSegment(segments[index] as Uint8Array));
        },
      } as unknown as SegmentReader;
      const key = { keyId: SAMPLE_KEY.id, keyCheck: createAuditKey(SAMPLE_KEY).check };
      const { this_hash: headHashHex } = JSON.parse(texts.at(-1) as string) as { this_hash: string };
      const open = sessionOf('a', RANGE_SIZE);
      const head = { ...open.log, ...key, headHashHex };
      const bare = { ...open, id: log.sessionId, agentId: log.agentId, log: head } as Session;
      const opening = openingMarkOf(createAuditKey(SAMPLE_KEY).openingKey, bare);
      const session = { ...bare, log: { ...head, opening } };
      const rootHex = Buffer.from(naiveRoot(texts.slice(0, size).map((text) => Buffer.from(text)))).toString(
        'hex',
      );
      const anchors = [{ source: 'reported', size, rootHex } as const];
      const rows = { find: async () => ({ found: unmarked(session), anchors }) };
      const deps = { reader, keyring: createKeyring([SAMPLE_KEY]), rows, doubter: NO_DOUBT };
      const order = { accountId: 'a', sessionId: log.sessionId, anchors: [], until: null, listed: 0 };
      const evidence = await verifyHere(deps, order);
      assert.equal(evidence?.verdict.status, 'verified');
      assert.deepEqual(
        read,
        segments.map((_, index) => index),
      );
    });
  }
});
