// Many writers on one log, in one process and in several, some of them killed.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { AppenderTask, KillPoint } from '../../support/appender-process.ts';
import {
  createLogWorld,
  draftEvent,
  startSession,
  TEST_KEY,
  writeSession,
} from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { eventually } from '../../support/eventually.ts';
import { naiveSeal } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { rounds } from '../../support/rounds.ts';
import { type AppenderRun, runAppenders } from '../../support/run-appenders.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { readTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

const WHEN = ['unsent', 'sent', 'answered'] as const;
/** Of each appending process that is killed, by their order. */
const LIVES = Array.from({ length: rounds(1, 3) }, (_, life) => life);
const ENDED_AT = new Date('2026-05-02T18:50:00.000Z');

function taskFor(session: Session, seed: string, work: Partial<AppenderTask>): AppenderTask {
  return {
    uri: world.database.uri,
    dbName: world.database.name,
    seed,
    accountId: session.accountId,
    sessionId: session.id,
    endedAt: ENDED_AT.toISOString(),
    appenders: 0,
    closers: 0,
    batch: 12,
    rounds: Number.MAX_SAFE_INTEGER,
    kill: null,
    ...work,
  };
}

/** No fork, no gap, nothing lost that was acknowledged, nothing twice, and nothing that nobody tried. */
async function assertWhole(session: Session, runs: readonly AppenderRun[]) {
  const checked = await checkLog(world, session);
  const { entries, verdict } = checked;
  assert.equal(verdict.status, 'verified');
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, i) => i),
  );
  const ids = new Set(entries.map(({ event_id }) => event_id));
  assert.equal(ids.size, entries.length, 'an event is stored twice');
  assert.deepEqual(
    runs.flatMap(({ stored }) => stored).filter((id) => !ids.has(id)),
    [],
    'lost',
  );
  const tried = new Set(runs.flatMap((run) => run.tried));
  assert.deepEqual(
    [...ids].filter((id) => !tried.has(id)),
    [],
    'from nowhere',
  );
  return checked;
}

async function assertSealed(session: Session, runs: readonly AppenderRun[]): Promise<void> {
  const { session: row, verdict, entries } = await assertWhole(session, runs);
  assert.ok(verdict.status === 'verified' && verdict.state === 'sealed');
  assert.deepEqual([row.log.size, row.log.headHashHex], [entries.length, verdict.headHashHex]);
  assert.deepEqual(
    [row.aggregate.throughSeq, row.aggregate.redactionsByKind, row.aggregate.redactionsByPass],
    [entries.length - 1, verdict.counts.redactionsByKind, verdict.counts.redactionsByPass],
  );
  const texts = await readTexts(world.db, row);
  const seal = naiveSeal(TEST_KEY.bytes, {
    account_id: row.accountId,
    agent_id: row.agentId,
    session_id: row.id,
    status: 'ok',
    started_at: row.startedAt.toISOString(),
    ended_at: ENDED_AT.toISOString(),
    policy_sha256: row.policySha256Hex,
    key_id: TEST_KEY.id,
    size: texts.length,
    head_hash: entries.at(-1)?.this_hash ?? '0'.repeat(64),
    merkle_root_hex: Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex'),
  });
  assert.equal(row.log.seal, seal);
}

describe('many writers at once', () => {
  it('32 appenders and a closer that are killed again and again lose no event and fork no log', async (t) => {
    const random = seededRandom(t);
    const seed = String(random.next());
    const session = await startSession(world);
    const runs: AppenderRun[] = [];
    let kills = 0;

    /** Eight appenders in a process that kills itself, then in another one, and in the end in one that stays. */
    async function keepAppending(commands: readonly number[], slot: number): Promise<void> {
      for (const [life, command] of commands.entries()) {
        const kill: KillPoint = { command, when: WHEN[(slot + life) % 3] as KillPoint['when'] };
        const run = await runAppenders(taskFor(session, `${seed} ${slot} ${life}`, { appenders: 8, kill }));
        assert.ok(run.killed);
        kills += 1;
        runs.push(run);
      }
      runs.push(await runAppenders(taskFor(session, `${seed} ${slot}`, { appenders: 8 })));
    }

    /** A closer that is killed at its first command, its second, and so on, until it gets through. */
    async function keepClosing(): Promise<void> {
      for (let command = 1; ; command += 1) {
        const kill: KillPoint = { command, when: WHEN[command % 3] as KillPoint['when'] };
        const run = await runAppenders(taskFor(session, seed, { closers: 1, kill }));
        if (!run.killed) return;
        kills += 1;
      }
    }

    const lives = Array.from({ length: 4 }, () => LIVES.map((life) => random.whole(1, 60) + 20 * life));
    const appending = Promise.all(lives.map(keepAppending));
    const allKilled = eventually(
      'each appending process was killed as often as it shall be',
      () => kills === 4 * LIVES.length,
      {},
    );
    await Promise.race([allKilled, appending]);
    await keepClosing();
    await appending;
    assert.ok(kills > 4 * LIVES.length);
    await assertSealed(session, runs);
  });

  it('one more append brings the row up to the log after an append that died at any of its commands', async (t) => {
    const random = seededRandom(t);

    /** The ids of what came in besides the one event that is appended here, which comes in once. */
    async function appendOne(session: Session): Promise<unknown[]> {
      const before = (await checkLog(world, session)).entries.length;
      const appended = await appendEvents(world, session.accountId, session.id, [draftEvent(0)]);
      assert.ok(appended.status === 'appended');
      const ids = (await checkLog(world, session)).entries.slice(before).map(({ event_id }) => event_id);
      const others = ids.filter((id) => id !== appended.eventIds[0]);
      assert.equal(ids.length, others.length + 1);
      return others;
    }

    async function dieEverywhere(size: number, when: KillPoint['when']): Promise<number> {
      const seed = String(random.next());
      for (let command = 1; ; command += 1) {
        const session = await writeSession(world, size, { seal: false });
        const run = await runAppenders(
          taskFor(session, `${seed} ${command}`, { appenders: 1, rounds: 1, kill: { command, when } }),
        );
        // A command that was sent may still be on its way when the death is seen: then it comes in between, once.
        const late = await appendOne(session);
        const tried = new Set<unknown>(when === 'sent' ? run.tried : []);
        assert.ok(late.every((id) => tried.has(id)));
        if (late.length > 0) assert.deepEqual(await appendOne(session), []);
        const { session: row, entries, verdict } = await checkLog(world, session);
        assert.ok(verdict.status === 'verified');
        assert.equal(row.log.size, entries.length);
        assert.equal(row.aggregate.redactionCount, verdict.counts.redactionCount);
        const ids = new Set(entries.map(({ event_id }) => event_id));
        assert.ok(run.stored.every((id) => ids.has(id)));
        if (!run.killed) return command - 1;
      }
    }
    const deaths = await Promise.all([
      dieEverywhere(250, 'unsent'),
      dieEverywhere(256, 'sent'),
      dieEverywhere(3, 'answered'),
    ]);
    assert.ok(deaths.every((count) => count >= 5));
  });

  it('an append and a close notice what another writer wrote between their read and their write', async () => {
    const facts = { endedAt: ENDED_AT, status: 'ok' } as const;
    for (const size of [0, 3, 255, 256]) {
      for (const other of ['append', 'close'] as const) {
        const session = await writeSession(world, size, { seal: false });
        const { accountId, id } = session;
        let met = 0;
        /** The other one is always first, once. */
        const late = <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
          async function writeLate(...args: A): Promise<R> {
            met += 1;
            if (met === 1 && other === 'append') await appendEvents(world, accountId, id, [draftEvent(0)]);
            if (met === 1 && other === 'close') await closeLog(world, accountId, id, facts);
            return write(...args);
          };
        const { extendTail, insertSegment, closeTail } = world.audit;
        const audit = {
          ...world.audit,
          extendTail: late(extendTail),
          insertSegment: late(insertSegment),
          closeTail: late(closeTail),
        };
        const { status } = await appendEvents({ ...world, audit }, accountId, id, [draftEvent(1)]);
        assert.equal(status, other === 'append' ? 'appended' : 'closed');
        met = 0;
        const closed = await closeLog({ ...world, audit }, accountId, id, facts);
        assert.equal(closed.status, other === 'append' ? 'sealed' : 'already_sealed');
        const { entries, verdict } = await checkLog(world, session);
        assert.ok(verdict.status === 'verified' && verdict.state === 'sealed', `${other} at ${size}`);
        assert.equal(entries.length, other === 'append' ? size + 3 : size);
      }
    }
  });

  it('concurrent appends and closes agree on where a full segment ends', async () => {
    for (const size of [250, 255, 256, 510, 511, 512]) {
      for (const ahead of [0, 1, 3]) {
        const session = await writeSession(world, size, { seal: false });
        const { accountId, id } = session;
        const stored: string[] = [];
        const append = async (count: number) => {
          const drafts = Array.from({ length: count }, (_, i) => ({
            ...draftEvent(i),
            event_id: newId('event'),
          }));
          const result = await appendEvents(world, accountId, id, drafts);
          assert.ok(result.status === 'appended' || result.status === 'closed');
          stored.push(...result.eventIds);
        };
        const close = () => closeLog(world, accountId, id, { endedAt: ENDED_AT, status: 'ok' });
        const first = Array.from({ length: ahead }, (_, i) => append(i + 1));
        const [closed, , again] = await Promise.all([
          close(),
          append(3),
          close(),
          append(260),
          append(1),
          ...first,
        ]);
        assert.deepEqual([closed.status, again.status].sort(), ['already_sealed', 'sealed']);
        const { entries, verdict, session: row } = await checkLog(world, session);
        assert.ok(verdict.status === 'verified' && verdict.state === 'sealed');
        assert.deepEqual(
          entries
            .slice(size)
            .map(({ event_id }) => event_id)
            .sort(),
          stored.sort(),
        );
        assert.equal(row.log.size, entries.length);
        assert.deepEqual((await appendEvents(world, accountId, id, [draftEvent(0)])).status, 'closed');
      }
    }
  });
});
