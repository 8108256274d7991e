import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import { nearestRank } from '../../../shared/aggregates/sums.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { aggregateHour } from '../../../workers/jobs/aggregate-hour.ts';
import { type HourTraits, newOwner, openHourWorld } from '../../support/summed-hours.ts';

const NOW = new Date('2026-05-08T12:00:00.000Z');

describe('nearestRank', () => {
  it('nearestRank is the smallest value that is at or above enough of the values', () => {
    const once = [10, 20, 30, 40].map((value) => [value, 1] as const);
    const found = [0, 0.25, 0.26, 0.5, 0.75, 0.95, 1].map((fraction) => nearestRank(once, fraction));
    assert.deepEqual(found, [10, 10, 20, 20, 30, 40, 40]);
    assert.equal(nearestRank([], 0.5), null);
    assert.deepEqual([nearestRank([[7, 1]], 0.5), nearestRank([[7, 1]], 0.95)], [7, 7]);
  });

  it('nearestRank equals the rank in a sorted list of all values', () => {
    const pairs = [3, 1, 0.5, 12, 40].map((value, i) => [value + i * 50, (i * 7) % 5] as const);
    const all = pairs.flatMap(([value, count]) => Array<number>(count).fill(value));
    for (let percent = 0; percent <= 100; percent += 1) {
      const rank = Math.max(1, Math.ceil((percent / 100) * all.length));
      assert.equal(nearestRank(pairs, percent / 100), all[rank - 1], `${percent}`);
    }
  });
});

describe("agents' statistics", () => {
  it("an agent's statistics count the sessions of the last day and week that have ended, the first moment included", async (t) => {
    const world = await openHourWorld(t);
    const owner = newOwner();
    const add = (agoMs: number, durationMs: number, traits: HourTraits = {}) => {
      const startedAt = new Date(NOW.getTime() - agoMs);
      return world.add(owner, { startedAt, durationMs, redactionsByKind: [['NAME', 2]], ...traits });
    };
    await add(HOUR_MS, 100);
    await add(24 * HOUR_MS, 300);
    await add(24 * HOUR_MS + 1, 900);
    await add(7 * 24 * HOUR_MS, 900);
    await add(7 * 24 * HOUR_MS + 1, 900);
    await add(0, 900);
    await world.add(owner, { startedAt: new Date(NOW.getTime() - HOUR_MS), open: true });
    const other = newOwner(owner.accountId);
    await add(2 * HOUR_MS, 70, { agentId: other.agentId });
    await world.add({ ...owner, accountId: newId('account') }, { startedAt: new Date(NOW.getTime() - 1) });

    const nobody = newId('agent');
    const ids = [owner.agentId, nobody, other.agentId];
    const stats = await readAgentStats(world, owner.accountId, ids, NOW);
    assert.deepEqual(stats.get(owner.agentId), {
      sessionCount24h: 2,
      sessionCount7d: 4,
      redactionCount24h: 4,
      p50LatencyMs: 100,
      p95LatencyMs: 300,
      p50LatencyMs7d: null,
      p95LatencyMs7d: null,
    });
    assert.deepEqual(stats.get(nobody), {
      sessionCount24h: 0,
      sessionCount7d: 0,
      redactionCount24h: 0,
      p50LatencyMs: null,
      p95LatencyMs: null,
      p50LatencyMs7d: null,
      p95LatencyMs7d: null,
    });
    assert.deepEqual([...stats.keys()], ids);
    const withWeek = await readAgentStats(world, owner.accountId, ids, NOW, { withWeekLatency: true });
    assert.deepEqual(withWeek.get(owner.agentId), {
      ...stats.get(owner.agentId)!,
      p50LatencyMs7d: 300,
      p95LatencyMs7d: 900,
    });
    assert.deepEqual(withWeek.get(nobody), stats.get(nobody));
    assert.deepEqual(
      await readAgentStats(world, owner.accountId, [other.agentId], NOW),
      new Map([[other.agentId, stats.get(other.agentId)]]),
    );
  });

  it("an agent's statistics from hour rows equal those from session rows", async (t) => {
    const world = await openHourWorld(t);
    const owners = [newOwner()];
    owners.push(newOwner(owners[0]!.accountId));
    const { accountId } = owners[0]!;
    // Where averages of the hours' percentiles would be far off.
    for (let i = 0; i < 60; i += 1) {
      const startedAt = new Date(NOW.getTime() - ((i * 7919) % (26 * 60)) * 60_000);
      await world.add(owners[i % 2]!, { startedAt, durationMs: i < 50 ? i : i * 1000 });
    }
    const ids = owners.map(({ agentId }) => agentId);
    const read = () => readAgentStats(world, accountId, ids, NOW, { withWeekLatency: true });
    const before = await read();
    await world.markCounted();
    for (let hour = 0; hour < 27; hour += 1)
      for (const { agentId } of owners)
        await aggregateHour(world, accountId, agentId, new Date(NOW.getTime() - hour * HOUR_MS));
    assert.equal(await world.db.collection('sessions').countDocuments({ stage: 'done' }), 60);
    assert.deepEqual(await read(), before);
  });
});
