import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { runImport } from '../../../scripts/import.ts';
import { readAgentStats } from '../../../shared/aggregates/agent-stats.ts';
import { aggregateHour } from '../../../workers/jobs/aggregate-hour.ts';
import { bundleDir, readExpected } from '../../support/bundles.ts';
import { commandEnv } from '../../support/commands.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { countNames, type NaiveSession, readNaiveSessions } from '../../support/naive-sums.ts';
import { runHere } from '../../support/run-here.ts';
import { createHourWorld } from '../../support/summed-hours.ts';

it("every hour row of a real week equals the counts in its sessions' logs", async (t) => {
  const database = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-sums-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { account_id: accountId, audit_keys } = await readExpected('clinic-week');
  const env = commandEnv(database, dataDir, audit_keys);
  const { code, stderr } = await runHere(runImport, [bundleDir('clinic-week')], env);
  assert.equal(code, 0, stderr);

  const world = createHourWorld(database.db);
  const sessions = readNaiveSessions('clinic-week');
  const hours = Map.groupBy(sessions, ({ agentId, hour }) => `${agentId} ${hour}`);
  const until = new Date('2026-05-07T23:30:00.000Z');
  const agentIds = [...new Set(sessions.map(({ agentId }) => agentId))];
  const checkStats = async () => {
    const stats = await readAgentStats(world, accountId, agentIds, until);
    for (const id of agentIds) assert.deepEqual(stats.get(id), naiveStats(sessions, id, until), id);
  };
  await checkStats();

  await world.markCounted();
  for (const key of hours.keys()) {
    const [agentId, hour] = key.split(' ') as [string, string];
    assert.equal(await aggregateHour(world, accountId, agentId, new Date(hour)), 'written');
  }
  const range = { since: new Date('2026-01-01T00:00:00Z'), until: new Date('2027-01-01T00:00:00Z') };
  const found = await Array.fromAsync(world.hours.list(accountId, range));
  assert.equal(found.length, hours.size);
  for (const { agentId, hour, sums } of found)
    assert.deepEqual(sums, naiveSums(hours.get(`${agentId} ${hour.toISOString()}`) ?? []));
  await checkStats();
});

function naiveSums(sessions: readonly NaiveSession[]) {
  const redactions = sessions.flatMap((session) => session.redactions);
  const durations = sessions.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const through = sessions.map(({ id, entryCount }) => `${id} ${entryCount - 1}\n`).sort();
  return {
    sessionCount: sessions.length,
    sessionsByStatus: countNames(sessions.map(({ status }) => status)),
    redactionCount: redactions.length,
    redactionsByKind: countNames(redactions.map(({ kind }) => kind)),
    redactionsByPass: countNames(redactions.map(({ pass }) => pass)),
    rehydrationFailureCount: sessions.reduce((sum, session) => sum + session.rehydrationFailures, 0),
    durations: [...new Set(durations)].map((ms) => [ms, durations.filter((each) => each === ms).length]),
    throughHex: hash('sha256', through.join('')),
  };
}

function naiveStats(sessions: readonly NaiveSession[], agentId: string, now: Date) {
  const within = (days: number) =>
    sessions.filter((session) => {
      const agoMs = now.getTime() - Date.parse(session.startedAt);
      return session.agentId === agentId && agoMs > 0 && agoMs <= days * 86_400_000;
    });
  const day = within(1);
  const durations = day.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const percentile = (fraction: number) =>
    durations.find((ms) => durations.filter((each) => each <= ms).length >= fraction * durations.length) ??
    null;
  return {
    sessionCount24h: day.length,
    sessionCount7d: within(7).length,
    redactionCount24h: day.reduce((sum, { redactions }) => sum + redactions.length, 0),
    p50LatencyMs: percentile(0.5),
    p95LatencyMs: percentile(0.95),
    // Not asked for.
    p50LatencyMs7d: null,
    p95LatencyMs7d: null,
  };
}
