import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { hourId } from '../../../shared/aggregates/hour-repository.ts';
import type { SumSources } from '../../../shared/aggregates/read-sums.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { aggregateHour } from '../../../workers/jobs/aggregate-hour.ts';
import { type HourWorld, lasting, newOwner, type Owner, openHourWorld } from '../../support/summed-hours.ts';

let world: HourWorld;
const releases: (() => Promise<void>)[] = [];
before(async () => {
  world = await openHourWorld({ after: (release) => releases.push(release) });
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

const HOUR = new Date('2026-05-02T12:00:00.000Z');
const at = (minutes: number, ms = 0) => new Date(HOUR.getTime() + minutes * 60_000 + ms);
const aggregate = ({ accountId, agentId }: Owner, sources: SumSources = world) =>
  aggregateHour(sources, accountId, agentId, HOUR);
const find = ({ accountId, agentId }: Owner) => world.hours.find(accountId, agentId, HOUR);

describe('an hour', () => {
  it('an hour is the sum of the sessions that started in it and have ended', async () => {
    const owner = newOwner();
    const first = await world.add(owner, {
      startedAt: at(0),
      durationMs: 900,
      redactionsByKind: [
        ['__proto__', 3],
        ['10', 1],
      ],
    });
    const last = await world.add(owner, {
      startedAt: at(60, -1),
      durationMs: 10,
      status: 'error',
      redactionsByKind: [
        ['10', 2],
        ['9', 5],
      ],
      redactionsByPass: [['constructor', 7]],
    });
    const same = await world.add(owner, { startedAt: at(5), durationMs: 900 });
    await world.add(owner, { startedAt: at(0, -1) });
    await world.add(owner, { startedAt: at(60) });
    await world.add(owner, { startedAt: at(1), open: true });
    await world.add(newOwner(owner.accountId), { startedAt: at(1) });
    await world.add({ ...owner, accountId: newId('account') }, { startedAt: at(1) });
    const hidden = await world.add(owner, { startedAt: at(1) });
    await world.change(hidden, { importing: true });

    assert.equal(await aggregate(owner), 'written');
    const through = [first, last, same].map(({ id, aggregate }) => `${id} ${aggregate.throughSeq}\n`).sort();
    assert.deepEqual(await find(owner), {
      version: 1,
      sums: {
        sessionCount: 3,
        sessionsByStatus: [
          ['error', 1],
          ['ok', 2],
        ],
        redactionCount: 11,
        redactionsByKind: [
          ['10', 3],
          ['9', 5],
          ['__proto__', 3],
        ],
        redactionsByPass: [
          ['constructor', 7],
          ['gemma', 4],
        ],
        rehydrationFailureCount: 0,
        durations: [
          [10, 1],
          [900, 2],
        ],
        throughHex: hash('sha256', through.join('')),
      },
    });
  });

  it('an hour is not written where it has no session, nor again where nothing changed', async () => {
    const owner = newOwner();
    assert.equal(await aggregate(owner), 'unchanged');
    assert.equal(await find(owner), null);
    await world.add(owner, { startedAt: at(1) });
    assert.deepEqual([await aggregate(owner), await aggregate(owner)], ['written', 'unchanged']);
    assert.equal((await find(owner))?.version, 1);
  });

  it('an hour settles its counted sessions, and no other', async () => {
    const owner = newOwner();
    const counted = await world.add(owner, { startedAt: at(1) });
    const uncounted = await world.add(owner, { startedAt: at(2) });
    const elsewhere = await world.add(owner, { startedAt: at(61) });
    await world.markCounted(counted, elsewhere);
    await aggregate(owner);
    const stages = await Promise.all([counted, uncounted, elsewhere].map(world.stageOf));
    assert.deepEqual(stages, ['done', null, 'counted']);
    assert.equal(await aggregate(owner), 'unchanged');
  });

  it('an hour is summed again when a session changes', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1), durationMs: 5 });
    await world.markCounted(session);
    await aggregate(owner);
    await world.change(session, lasting(session, 6));
    await world.markCounted(session);
    assert.equal(await aggregate(owner), 'written');
    assert.deepEqual((await find(owner))?.sums?.durations, [[6, 1]]);
    assert.equal(await world.stageOf(session), 'done');
  });

  it('an hour is zero when its sessions are gone', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await aggregate(owner);
    await world.change(session, { started_at: at(90) });
    assert.equal(await aggregate(owner), 'written');
    assert.equal((await find(owner))?.sums?.sessionCount, 0);
  });

  const DAMAGE: Readonly<Record<string, object>> = {
    'a version of null': { $set: { version: null } },
    'no version': { $unset: { version: '' } },
    'an infinite version': { $set: { version: Number.POSITIVE_INFINITY } },
    'a version that is not a number': { $set: { version: Number.NaN } },
    'a version below zero': { $set: { version: -3 } },
    'a version at the end of whole numbers': { $set: { version: Number.MAX_SAFE_INTEGER } },
    'a version of several numbers': { $set: { version: [1, 2] } },
    'a text as its version': { $set: { version: '1' } },
    'an object as its version': { $set: { version: { a: 1 } } },
    'an account of another type': { $set: { account_id: 7 } },
    "another account's id": { $set: { account_id: newId('account') } },
    'no agent': { $set: { agent_id: null } },
    'a text as its hour': { $set: { hour: 'noon' } },
    'sums that are none': { $set: { redactions_by_kind: null, durations_ms: 5 } },
  };
  for (const [what, damage] of Object.entries(DAMAGE)) {
    it(`an hour whose row has ${what} is summed again`, async () => {
      const owner = newOwner();
      await world.markCounted(await world.add(owner, { startedAt: at(1), durationMs: 5 }));
      await aggregate(owner);
      const before = (await find(owner))?.sums;
      const session = await world.add(owner, { startedAt: at(2), durationMs: 6 });
      await world.markCounted(session);
      const row = { _id: hourId(owner.accountId, owner.agentId, HOUR) };
      await world.db.collection<{ _id: string }>('redaction_aggregates').updateOne(row, damage);
      assert.equal(await aggregate(owner), 'written');
      assert.equal(await world.stageOf(session), 'done');
      const { version, sums } = (await find(owner))!;
      assert.ok(Number.isSafeInteger(version) && (version as number) > 1);
      assert.deepEqual(sums?.durations, [...before!.durations, [6, 1]]);
      const range = { since: at(-60), until: at(60) };
      assert.equal((await Array.fromAsync(world.hours.list(owner.accountId, range))).length, 1);
      assert.equal(await aggregate(owner), 'unchanged');
    });
  }

  it('an hour whose row is damaged and whose sums are right is written again', async () => {
    const owner = newOwner();
    await world.add(owner, { startedAt: at(1) });
    await aggregate(owner);
    const row = { _id: hourId(owner.accountId, owner.agentId, HOUR) };
    await world.db
      .collection<{ _id: string }>('redaction_aggregates')
      .updateOne(row, { $set: { account_id: null } });
    assert.equal(await aggregate(owner), 'written');
    assert.equal(await aggregate(owner), 'unchanged');
  });

  it('an hour settles a session whose changes are stored as 0', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await world.markCounted(session);
    await world.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: session.id }, { $set: { changes: 0 } });
    await aggregate(owner);
    assert.equal(await world.stageOf(session), 'done');
  });

  it('an hour that starts in the middle of an hour is refused', async () => {
    const { accountId, agentId } = newOwner();
    await assert.rejects(aggregateHour(world, accountId, agentId, at(1)), RangeError);
  });
});

describe('a worker among others', () => {
  it('a session that changed after it was read is not settled', async () => {
    for (const before of [0, 1]) {
      const owner = newOwner();
      const session = await world.add(owner, { startedAt: at(1), durationMs: 5 });
      for (let i = 0; i < before; i += 1) await world.change(session);
      await world.markCounted(session);
      await aggregate(owner, {
        ...world,
        hours: {
          ...world.hours,
          async replace(...args) {
            await world.change(session, lasting(session, 6));
            await world.markCounted(session);
            return world.hours.replace(...args);
          },
        },
      });
      assert.equal(await world.stageOf(session), 'counted');
      await aggregate(owner);
      assert.equal(await world.stageOf(session), 'done');
      assert.deepEqual((await find(owner))?.sums?.durations, [[6, 1]]);
    }
  });

  it('a worker that loses the race for an hour sums it again', async () => {
    for (const known of [false, true]) {
      const owner = newOwner();
      const session = await world.add(owner, { startedAt: at(1), durationMs: 5 });
      if (known) await aggregate(owner);
      let overtaken = false;
      const result = await aggregate(owner, {
        ...world,
        hours: {
          ...world.hours,
          async replace(...args) {
            if (!overtaken) {
              overtaken = true;
              await world.change(session, lasting(session, 6));
              await world.markCounted(session);
              await aggregate(owner);
            }
            return world.hours.replace(...args);
          },
        },
        sessionSums: {
          ...world.sessionSums,
          // What this worker read was older, so that it has something to write.
          async *readEnded(...args) {
            for await (const read of world.sessionSums.readEnded(...args))
              yield overtaken ? read : { ...read, durationMs: 4 };
          },
        },
      });
      assert.equal(result, 'unchanged');
      assert.deepEqual((await find(owner))?.sums?.durations, [[6, 1]]);
      assert.equal(await world.stageOf(session), 'done');
    }
  });

  it('a worker settles the sessions of an hour that a killed worker had written', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await world.markCounted(session);
    const killed = aggregate(owner, {
      ...world,
      sessionSums: { ...world.sessionSums, settle: () => Promise.reject(new Error('killed')) },
    });
    await assert.rejects(killed, /killed/);
    assert.equal(await aggregate(owner), 'written');
    // A slower worker who had read the version before must lose its race.
    assert.equal((await find(owner))?.version, 2);
    assert.equal(await world.stageOf(session), 'done');
  });

  it('a worker gives up an hour when others are always first, or its row takes no write', async () => {
    const owner = newOwner();
    await world.add(owner, { startedAt: at(1) });
    const never = { ...world, hours: { ...world.hours, replace: () => Promise.resolve(false) } };
    const row = new RegExp(`redaction_aggregates ${owner.accountId}/${owner.agentId}/2026-05-02T12:00:00Z`);
    await assert.rejects(aggregate(owner, never), { code: 'internal_error', message: row });
    let version = 1;
    const hours = { ...never.hours, find: () => Promise.resolve({ version: version++, sums: null }) };
    await assert.rejects(aggregate(owner, { ...never, hours }), { code: 'unavailable', message: row });
  });

  it('several workers at once give an hour the same sums', async () => {
    const owner = newOwner();
    const sessions = [];
    for (let i = 0; i < 12; i += 1)
      sessions.push(await world.add(owner, { startedAt: at(i), durationMs: i }));
    await world.markCounted(...sessions);
    const work = Array.from({ length: 6 }, () => aggregate(owner));
    for (const [i, session] of sessions.entries()) {
      await world.change(session, lasting(session, 100 + i));
      await world.markCounted(session);
      if (i % 3 === 0) work.push(aggregate(owner));
    }
    await Promise.all(work);
    await aggregate(owner);
    const durations = sessions.map((_, i) => [100 + i, 1] as const);
    assert.deepEqual((await find(owner))?.sums?.durations, durations);
    assert.deepEqual(new Set(await Promise.all(sessions.map(world.stageOf))), new Set(['done']));
  });
});

describe('settling', () => {
  it("settling leaves another account's session alone", async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await world.markCounted(session);
    await world.sessionSums.settle(newId('account'), [{ id: session.id, changes: 0 }]);
    assert.equal(await world.stageOf(session), 'counted');
    await world.sessionSums.settle(owner.accountId, [{ id: session.id, changes: 1 }]);
    assert.equal(await world.stageOf(session), 'counted');
    await world.sessionSums.settle(owner.accountId, []);
    await world.sessionSums.settle(owner.accountId, [{ id: session.id, changes: 0 }]);
    assert.equal(await world.stageOf(session), 'done');
  });
});

describe("another account's hours", () => {
  it("another account's hours are neither found, listed nor replaced", async () => {
    const owner = newOwner();
    await world.add(owner, { startedAt: at(1) });
    await aggregate(owner);
    const sums = (await find(owner))!.sums!;
    const stranger = { ...owner, accountId: newId('account') };
    assert.equal(await find(stranger), null);
    const range = { since: at(-600), until: at(600) };
    assert.deepEqual(await Array.fromAsync(world.hours.list(stranger.accountId, range)), []);
    assert.equal(
      await world.hours.replace(stranger.accountId, owner.agentId, HOUR, sums, { version: 1 }),
      false,
    );
    assert.equal((await find(owner))?.version, 1);
    assert.equal((await Array.fromAsync(world.hours.list(owner.accountId, range))).length, 1);
  });
});
