import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readSums, type SumSources } from '../../../shared/aggregates/read-sums.ts';
import { type Sums, SumsBuilder } from '../../../shared/aggregates/sums.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { durationOf, type Session } from '../../../shared/sessions/session.ts';
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

const NOON = new Date('2026-05-02T12:00:00.000Z');
const at = (minutes: number, from = NOON) => new Date(from.getTime() + minutes * 60_000);
const hourOf = (time: Date) => new Date(Math.floor(time.getTime() / 3_600_000) * 3_600_000);
const DAY = [at(-12 * 60), at(12 * 60)];

type Query = { edges?: readonly Date[]; agentId?: string; sources?: SumSources };

/** Sums by bucket and agent, empty ones left out. */
async function read(accountId: string, { edges = DAY, agentId, sources = world }: Query = {}) {
  const found = new Map<string, SumsBuilder>();
  for await (const part of readSums(sources, accountId, { edges, agentId, withDurations: true })) {
    const key = `${part.bucket} ${part.agentId}`;
    if (!found.has(key)) found.set(key, new SumsBuilder());
    found.get(key)?.add(part.sums);
  }
  return totals(found);
}

/** The session, as long as this. */
const lasted = (session: Session, durationMs: number) => ({
  ...session,
  endedAt: lasting(session, durationMs).ended_at,
});

/** The same, naively. */
function expect(sessions: readonly Session[], edges = DAY): Map<string, Sums> {
  const found = new Map<string, SumsBuilder>();
  for (const session of sessions) {
    const { startedAt, status, agentId, aggregate } = session;
    const bucket = edges.findIndex((edge, i) => startedAt >= edge && startedAt < (edges[i + 1] ?? 0));
    if (bucket < 0) continue;
    const key = `${bucket} ${agentId}`;
    if (!found.has(key)) found.set(key, new SumsBuilder());
    found.get(key)?.add({
      sessionCount: 1,
      sessionsByStatus: [[status, 1]],
      durations: [[durationOf(session) ?? 0, 1]],
      ...aggregate,
    });
  }
  return totals(found);
}

function totals(found: ReadonlyMap<string, SumsBuilder>): Map<string, Sums> {
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([key, builder]) => [key, builder.total()]));
}

async function settle(owner: Owner, ...sessions: readonly Session[]): Promise<void> {
  await world.markCounted(...sessions);
  for (const time of new Set(sessions.map(({ startedAt }) => hourOf(startedAt).getTime())))
    await aggregateHour(world, owner.accountId, owner.agentId, new Date(time));
}

/** Sources that tell which sessions were read one by one. */
function watch(): { sources: SumSources; read: string[] } {
  const seen: string[] = [];
  const sources: SumSources = {
    ...world,
    sessionSums: {
      ...world.sessionSums,
      async *readEnded(...args) {
        for await (const session of world.sessionSums.readEnded(...args)) {
          seen.push(session.id);
          yield session;
        }
      },
    },
  };
  return { sources, read: seen };
}

/** Sources where something happens right after the hours were listed. */
function afterListing(happen: () => Promise<void>): SumSources {
  return {
    ...world,
    sessionSums: {
      ...world.sessionSums,
      async *listHours(...args) {
        yield* await Array.fromAsync(world.sessionSums.listHours(...args));
        await happen();
      },
    },
  };
}

describe('sums', () => {
  it('sums of a settled hour are read without its sessions', async () => {
    const owner = newOwner();
    const sessions = [
      await world.add(owner, { startedAt: at(1) }),
      await world.add(owner, { startedAt: at(2) }),
    ];
    await settle(owner, ...sessions);
    const watched = watch();
    assert.deepEqual(await read(owner.accountId, watched), expect(sessions));
    assert.deepEqual(watched.read, []);
  });

  it('sums are read from the sessions of a stale hour, and of that hour alone', async () => {
    const owner = newOwner();
    const other = newOwner(owner.accountId);
    const fresh = await world.add(owner, { startedAt: at(1) });
    const stale = await world.add(owner, { startedAt: at(61) });
    const beside = await world.add(other, { startedAt: at(62) });
    await settle(owner, fresh, stale);
    await settle(other, beside);
    await world.change(stale, lasting(stale, 5));
    const watched = watch();
    const changed = lasted(stale, 5);
    assert.deepEqual(await read(owner.accountId, watched), expect([fresh, changed, beside]));
    assert.ok(!watched.read.includes(fresh.id));
    const alone = await read(owner.accountId, { agentId: owner.agentId });
    assert.deepEqual(alone, expect([fresh, changed]));
  });

  it("sums are read from the sessions where the hour's row is missing, or counts other sessions", async () => {
    const owner = newOwner();
    const [gone, beside] = [owner, newOwner(owner.accountId)];
    const sessions = [
      await world.add(gone, { startedAt: at(1) }),
      await world.add(beside, { startedAt: at(1) }),
    ];
    await settle(gone, sessions[0]!);
    await settle(beside, sessions[1]!);
    const rows = world.db.collection('redaction_aggregates');
    await rows.deleteOne({ agent_id: gone.agentId });
    assert.deepEqual(await read(owner.accountId), expect(sessions));
    await rows.updateOne({ agent_id: beside.agentId }, { $set: { session_count: 2 } });
    assert.deepEqual(await read(owner.accountId), expect(sessions));
    for (const agent_id of ['x', 5, null, { toString: 3 }, { $gt: '' }, [beside.agentId]]) {
      await rows.updateOne({ account_id: owner.accountId }, { $set: { agent_id, session_count: 1 } });
      assert.deepEqual(await read(owner.accountId), expect(sessions), JSON.stringify(agent_id));
    }
  });

  it('sums leave out a session that moved to another hour, has not ended or is hidden', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    const hidden = await world.add(owner, { startedAt: at(2) });
    await settle(owner, session);
    await world.add(owner, { startedAt: at(3), open: true });
    await world.change(hidden, { importing: true });
    const moved = lasted({ ...session, startedAt: at(200) }, 5);
    await world.change(session, { started_at: at(200), ended_at: moved.endedAt });
    assert.deepEqual(await read(owner.accountId), expect([moved]));
  });

  it("sums never hold another account's sessions or hours", async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await settle(owner, session);
    await world.add(owner, { startedAt: at(100) });
    for (const agentId of [undefined, owner.agentId])
      assert.equal((await read(newId('account'), { ...(agentId && { agentId }) })).size, 0);
  });

  it('sums are those of sessions as they were or became, whatever is written between the reads', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1), durationMs: 1 });
    await settle(owner, session);
    const changeAfter = (durationMs: number, summed: boolean) =>
      afterListing(async () => {
        await world.change(session, lasting(session, durationMs));
        if (summed) await settle(owner, session);
      });
    assert.deepEqual(await read(owner.accountId, { sources: changeAfter(2, false) }), expect([session]));
    await settle(owner, session);
    assert.deepEqual(
      await read(owner.accountId, { sources: changeAfter(3, true) }),
      expect([lasted(session, 3)]),
    );
    const added: Session[] = [];
    const addAfter = afterListing(async () => {
      added.push(await world.add(owner, { startedAt: at(2) }));
      await settle(owner, ...added);
    });
    assert.deepEqual(
      await read(owner.accountId, { sources: addAfter }),
      expect([lasted(session, 3), ...added]),
    );
  });

  it('sums hold an hour of which only the row was seen', async () => {
    const owner = newOwner();
    const session = await world.add(owner, { startedAt: at(1) });
    await settle(owner, session);
    const blind = { ...world.sessionSums, async *listHours() {} };
    const sources = { ...world, sessionSums: blind };
    assert.deepEqual(await read(owner.accountId, { sources }), expect([session]));
  });

  it('sums are exact in every bucket, wherever its edges cut and whatever is settled', async () => {
    const accountId = newId('account');
    const owners = [newOwner(accountId), newOwner(accountId), newOwner(accountId)];
    const sessions: Session[] = [];
    for (let i = 0; i < 90; i += 1) {
      const owner = owners[i % 3]!;
      // Over 100 days, so that more than one slab is read; some at whole hours.
      const startedAt = at(i % 5 === 0 ? (i - 45) * 1440 : (i * 7919) % 2000, NOON);
      sessions.push(
        await world.add(owner, { startedAt, durationMs: i, redactionsByKind: [[`K${i % 4}`, i]] }),
      );
    }
    const edgeLists = [
      [at(-100 * 1440), at(100 * 1440)],
      [at(0), at(60), at(120), at(1000)],
      [at(-3, NOON), at(30), at(31), at(90), at(150), at(2000)],
      [at(10), at(20)],
      [at(-50 * 1440), ...Array.from({ length: 100 }, (_, day) => at((day - 45) * 1440))],
    ];
    const check = async () => {
      for (const edges of edgeLists) {
        assert.deepEqual(await read(accountId, { edges }), expect(sessions, edges));
        const { agentId } = owners[0]!;
        const own = sessions.filter((session) => session.agentId === agentId);
        assert.deepEqual(await read(accountId, { edges, agentId }), expect(own, edges));
      }
    };
    await check();
    for (const owner of owners.slice(0, 2)) {
      const own = sessions.filter(({ agentId }) => agentId === owner.agentId);
      await settle(owner, ...own.slice(0, 20));
    }
    await check();
    for (const owner of owners) await settle(owner, ...sessions.filter((s) => s.agentId === owner.agentId));
    await check();
  });
});
