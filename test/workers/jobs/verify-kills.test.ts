// Workers that are killed in the middle of the scheduled verification, at random places, again and again.
// `npm run test:faults` does it more often.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../shared/audit/ids.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createVerifyRounds } from '../../../shared/sessions/verify-rounds.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { createWebhookRepository } from '../../../shared/webhooks/webhook-repository.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { alterEntry, assertDerived, rowsOf, untilSettled } from '../../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { runWorker } from '../../support/run-worker.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { openTestQueues } from '../../support/start-pipeline.ts';
import { verifyAs } from '../../support/verify.ts';
import type { JobKill } from '../../support/worker-process.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 1);
const KILLS = 4;
const LOGS = 40;
/** Of the job's own: a command or two a log, since threads walk over connections of their own. */
const MOST_COMMANDS = 45;
const LONGEST_MS = 4_000;
/** As the job keeps its progress: at most so many logs are walked again after a kill. */
const KEPT_EACH = 10;
/** Late enough in the 30 days of a round for all that is left of it to be due. */
const NEARLY_OVER_MS = 29 * DAY_MS;

const ALTERED = ['MSKV1', 'MSKV9'] as const;
const REPAIRED = ['MSKV9', 'MSKV1'] as const;

describe('the scheduled verification of workers that are killed', WITH_REDIS, () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`a killed verification goes on where it was: every ended log once, every mark right, round ${round}`, async (t) => {
      const random = seededRandom(t);
      const world = await createLogWorld(t);
      const redisUrl = testRedisUrl();
      const queue = openTestQueues(t, world, redisUrl).all.find(({ name }) => name === 'verify-logs')!;
      const rounds = createVerifyRounds(world.db);
      const rowOf = ({ id }: Session) => rowsOf(world).findOne({ _id: id });
      const accountId = newId('account');
      const made = await createWebhookRepository(world.db).create(accountId, {
        ...{ url: 'https://receiver.example/hook', events: ['log.failed'], description: '' },
      });
      const sessions: Session[] = [];
      for (let i = 0; i < LOGS; i += 1) sessions.push(await writeSession(world, 5, { accountId }));
      const open = await writeSession(world, 5, { accountId, seal: false });
      // Nothing but the scheduled verification walks these logs from then on.
      const first = runWorker(t, world, redisUrl, { sweepEveryMs: 1_000 });
      await untilSettled(world);
      await first.stop();

      const [early, late, mended] = [sessions[3], sessions[LOGS - 4], sessions[10]] as Session[] as [
        Session,
        Session,
        Session,
      ];
      for (const session of [early, late, mended]) await alterEntry(world, session, 2, [...ALTERED]);
      const verdict = await verifyAs(world, mended);
      assert.ok(verdict.status === 'failed');
      assert.ok(await world.sessions.markFailed(accountId, mended.id, verdict));
      await alterEntry(world, mended, 2, [...REPAIRED]);

      const begunAt = new Date(Date.now() - NEARLY_OVER_MS);
      await rounds.keep({ begunAt, afterId: null, visited: 0, isDone: false });
      await rowsOf(world).updateMany({}, { $unset: { walked_at: '' } });
      const walkTimes = async () => {
        const rows = await rowsOf(world)
          .find({ walked_at: { $exists: true } })
          .toArray();
        return new Map(rows.map(({ _id, walked_at }) => [_id, walked_at?.getTime()]));
      };
      /** Of logs that a round kept as visited: they are walked no more. */
      const settled = new Map<string, number | undefined>();
      const kills: string[] = [];
      for (let i = 0; i < KILLS; i += 1) {
        const job = 'verify-logs';
        const kill: JobKill =
          random.next() < 0.75
            ? { job, command: random.whole(1, MOST_COMMANDS) }
            : { job, afterMs: random.whole(0, LONGEST_MS) };
        const worker = runWorker(t, world, redisUrl, { kill });
        await queue.add(job, {}, { jobId: `now-${i}` });
        await Promise.race([worker.ended, sleep(10_000)]);
        await worker.kill();
        assert.equal(await worker.ended, 'SIGKILL');

        const kept = await rounds.find();
        const walked = await walkTimes();
        const isKept = (id: string) => kept?.afterId != null && id <= kept.afterId;
        const unkept = [...walked.keys()].filter((id) => id !== mended.id && !isKept(id));
        assert.ok(unkept.length <= KEPT_EACH, 'so many are walked again, at most');
        for (const [id, at] of settled) assert.equal(walked.get(id), at, `${id} was walked once`);
        for (const { id } of sessions) {
          if (!isKept(id)) continue;
          assert.ok(walked.has(id), `${id} was walked before it was kept as visited`);
          settled.set(id, walked.get(id));
        }
        kills.push(`${JSON.stringify(kill)} at ${kept?.visited}`);
      }
      t.diagnostic(kills.join(' '));

      const last = runWorker(t, world, redisUrl, { sweepEveryMs: 1_000 });
      await eventually(
        'the round has come to the end',
        async () => {
          await queue.add('verify-logs', {}, { jobId: `last-${Date.now()}` });
          assert.equal((await rounds.find())?.isDone, true);
        },
        { everyMs: 500 },
      );
      const done = await rounds.find();
      assert.deepEqual(
        [done?.begunAt, done?.visited, done?.afterId],
        [
          begunAt,
          LOGS,
          sessions
            .map(({ id }) => id)
            .sort()
            .at(-1),
        ],
      );
      const walked = await walkTimes();
      assert.deepEqual([...walked.keys()].sort(), sessions.map(({ id }) => id).sort());
      for (const [id, at] of settled) assert.equal(walked.get(id), at, `${id} was walked once`);
      assert.equal((await rowOf(open))?.walked_at, undefined);

      for (const session of sessions) {
        const row = await rowOf(session);
        const isAltered = session === early || session === late;
        assert.deepEqual(
          [row?.log_failed?.fault, row?.log_failed?.seq],
          isAltered ? ['altered', 2] : [undefined, undefined],
          session.id,
        );
        assert.equal(row?.log_unverifiable, undefined);
      }
      // A worker that was killed between the news and the mark leaves the mark to the next, which tells nothing twice.
      const told = await createDeliveryRepository(world.db).list(accountId, made!.webhook.id, {
        ...{ after: null, limit: 10 },
      });
      const about = told.map(({ event }) => (event.data as { session_id: string }).session_id);
      assert.deepEqual(about.sort(), [early.id, late.id].sort());

      await eventually('no run is left half done', async () => {
        const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting');
        assert.deepEqual([active, waiting], [0, 0]);
      });
      for (const session of [early, late]) await alterEntry(world, session, 2, [...REPAIRED]);
      await untilSettled(world);
      await assertDerived(world);
      await last.stop();
    });
  }
});
