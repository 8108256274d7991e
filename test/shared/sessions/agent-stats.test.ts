import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../../shared/ids.ts';
import { nearestRank } from '../../../shared/sessions/agent-stats.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { buildSession } from '../../support/sessions.ts';

const NOW = new Date('2026-05-08T12:00:00.000Z');
const HOUR_MS = 3_600_000;

describe('nearestRank', () => {
  it('is the smallest value that enough are no larger than', () => {
    const values = [10, 20, 30, 40];
    const found = [0, 0.25, 0.26, 0.5, 0.75, 0.95, 1].map((fraction) => nearestRank(values, fraction));
    assert.deepEqual(found, [10, 10, 20, 20, 30, 40, 40]);
    assert.equal(nearestRank([], 0.5), null);
    assert.deepEqual([nearestRank([7], 0.5), nearestRank([7], 0.95)], [7, 7]);
  });
});

describe("an agent's statistics", () => {
  it('count what ended of the last day and week, the very first moment of each included', async (t) => {
    const { db } = await openTestDatabase(t);
    const sessions = createSessionRepository(db);
    const tenant = { accountId: newId('account'), agentId: newId('agent') } as Parameters<
      typeof buildSession
    >[0];
    const add = async (
      agoMs: number,
      durationMs: number,
      traits: Parameters<typeof buildSession>[1] = {},
    ) => {
      const startedAt = new Date(NOW.getTime() - agoMs);
      const session = buildSession(tenant, { startedAt, redactionsByKind: [['NAME', 2]], ...traits });
      const ended = session.endedAt && { durationMs, endedAt: new Date(startedAt.getTime() + durationMs) };
      await sessions.insert(tenant.accountId, { ...session, ...ended }, null);
    };
    await add(HOUR_MS, 100);
    await add(24 * HOUR_MS, 300);
    await add(24 * HOUR_MS + 1, 900);
    await add(7 * 24 * HOUR_MS, 900);
    await add(7 * 24 * HOUR_MS + 1, 900);
    await add(0, 900);
    await add(HOUR_MS, 0, { open: true });
    await add(HOUR_MS, 900, { agentId: newId('agent') });
    assert.deepEqual(await sessions.agentStats(tenant.accountId, tenant.agentId, NOW), {
      ...{ sessionCount24h: 2, sessionCount7d: 4, redactionCount24h: 4 },
      ...{ p50LatencyMs: 100, p95LatencyMs: 300 },
    });
  });
});
