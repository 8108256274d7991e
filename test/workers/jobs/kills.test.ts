// Workers that are killed in the middle of each job at random places, again and again. `npm run test:faults` does it
// more often.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../scripts/demo/random.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { SWEEP } from '../../../shared/queues/jobs.ts';
import { createLogWorld, draftEvent, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { assertDerived, rowsOf, untilSettled, writeEnded } from '../../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { runWorker } from '../../support/run-worker.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';
import type { JobKill } from '../../support/worker-process.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 1);
const JOB_NAMES = ['aggregate-session', 'store-root', 'aggregate-hour', 'sweep', 'check-drift'];
/** Of a job's own commands to the database. */
const MOST_COMMANDS = 8;
const LONGEST_MS = 40;
/** A worker that was given no such job until then is killed from outside. */
const PATIENCE_MS = 4_000;

function randomKill(job: string, random: Random): JobKill {
  return random.next() < 0.5
    ? { job, command: random.whole(1, MOST_COMMANDS) }
    : { job, afterMs: random.whole(0, LONGEST_MS - 1) };
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe('workers that are killed', WITH_REDIS, () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`killed workers leave counts, roots and hours right after the next sweep, round ${round}`, async (t) => {
      const random = seededRandom(t);
      const world = await createLogWorld(t);
      const redisUrl = testRedisUrl();
      const queues = openTestQueues(t, world, redisUrl);
      const drift = queues.all.find(({ name }) => name === 'check-drift')!;
      const accountId = newId('account');
      for (let i = 0; i < 6; i += 1) await writeSession(world, i * 60, { accountId });
      const open = await writeSession(world, 100, { accountId, seal: false });

      const kills: string[] = [];
      for (const job of shuffle(JOB_NAMES, random)) {
        // Something for each kind of job to do.
        for (let i = 0; i < 4; i += 1) await writeEnded(world, 20 + i * 100, accountId);
        const more = Array.from({ length: 50 }, (_, i) => draftEvent(i));
        await appendEvents(world, accountId, open.id, more);
        const kill = randomKill(job, random);
        kills.push(JSON.stringify(kill));
        const worker = runWorker(t, world, redisUrl, { kill });
        await queues.add(SWEEP, { of: 'changed' });
        await drift.add('check-drift', { sessions: 20 }, { jobId: `now-${job}` });
        const killedItself = await Promise.race([worker.ended, sleep(PATIENCE_MS, 'late' as const)]);
        if (killedItself === 'late') await worker.kill();
        assert.equal(await worker.ended, 'SIGKILL');
      }
      t.diagnostic(kills.join(' '));

      const last = runWorker(t, world, redisUrl);
      // What a killed worker had begun is taken up when its lock has run out; what is left, by the next sweep.
      await eventually(
        'no session is due after a sweep',
        async () => {
          await queues.add(SWEEP, { of: 'changed' });
          assert.equal(await rowsOf(world).countDocuments({ stage: { $ne: 'done' } }), 0);
        },
        { everyMs: 200 },
      );
      await untilSettled(world);
      await assertDerived(world);
      await last.stop();
    });
  }
});
