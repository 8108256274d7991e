// Messages to webhooks, from what happened to a receiver on this machine.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createAccountRepository } from '../../../shared/accounts/account-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { createAnnouncer } from '../../../shared/webhooks/announce.ts';
import { createDeliveryRepository } from '../../../shared/webhooks/delivery-repository.ts';
import { EVENT_TYPES, type EventType } from '../../../shared/webhooks/events.ts';
import { createWebhookRepository } from '../../../shared/webhooks/webhook-repository.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { alterEntry, writeEnded } from '../../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { createJobWorld } from '../../support/report-jobs.ts';
import { rounds } from '../../support/rounds.ts';
import { runWorker } from '../../support/run-worker.ts';
import { openTestQueues, startTestPipeline } from '../../support/start-pipeline.ts';
import { type Received, type Receiver, startReceiver } from '../../support/webhook-receiver.ts';

const PRIVATE = { WEBHOOK_ALLOW_PRIVATE: '1' };
/** So the sweep of webhooks runs ten times a second. */
const SWEEP_MS = 1_200;

async function createWorld(t: TestContext) {
  const world = await createLogWorld(t);
  const redisUrl = testRedisUrl();
  openTestQueues(t, world, redisUrl);
  const accountId = newId('account');
  await createAccountRepository(world.db).upsert(accountId, 'Clinic');
  const webhooks = createWebhookRepository(world.db);
  const deliveries = createDeliveryRepository(world.db);
  // Queues nothing, as where Redis lost it: the sweep finds what is due.
  const { announce } = createAnnouncer(world.db, () => {});
  return {
    ...world,
    accountId,
    redisUrl,
    webhooks,
    deliveries,
    async makeWebhook({ url }: Pick<Receiver, 'url'>, events: readonly EventType[] = EVENT_TYPES) {
      const made = await webhooks.create(accountId, { url, events, description: '' });
      assert.ok(made);
      return { id: made.webhook.id, secret: made.secret };
    },
    /** Tells of closed sessions; which ones is all made up. */
    async tell(count: number) {
      for (let i = 0; i < count; i += 1) {
        const [session, agent] = [newId('session'), newId('agent')];
        const data = { session_id: session, agent_id: agent, size: i, merkle_root_hex: 'ab'.repeat(32) };
        await announce(accountId, { type: 'session.closed', data }, session);
      }
    },
    list: (id: string) => deliveries.list(accountId, id, { after: null, limit: 200 }),
    start: () =>
      startTestPipeline(t, world, redisUrl, { env: PRIVATE, schedules: { sweepEveryMs: SWEEP_MS } }),
  };
}

function verify(
  secret: string,
  { headers, body }: Received,
): { type: string; timestamp: string; data: object } {
  return new Webhook(secret).verify(body, headers) as never;
}

describe('messages to webhooks', WITH_REDIS, () => {
  it('a closed session, a failed log and a checkpoint are each told once, signed, by ids and counts', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t);
    const { secret } = await world.makeWebhook(receiver);
    const session = await writeSession(world, 3, { accountId: world.accountId });
    const failing = await writeEnded(world, 3, world.accountId);
    await alterEntry(world, failing, 1);
    await world.start();
    const types = () => receiver.received.map((each) => verify(secret, each).type);
    await eventually('each event was told of', () =>
      ['session.closed', 'log.failed', 'checkpoint.signed'].every((type) => types().includes(type)),
    );
    const find = (type: string) =>
      receiver.received.map((each) => verify(secret, each)).find((each) => each.type === type);
    const closed = find('session.closed');
    assert.deepEqual(Object.keys(closed ?? {}), ['type', 'timestamp', 'data']);
    assert.deepEqual(closed?.data, {
      session_id: session.id,
      agent_id: session.agentId,
      size: 3,
      merkle_root_hex: session.merkleRootHex,
    });
    assert.deepEqual(find('log.failed')?.data, { session_id: failing.id, fault: 'altered', seq: 1 });
    const signed = find('checkpoint.signed')?.data as { size: number; origin: string; root: string };
    assert.deepEqual(Object.keys(signed), ['size', 'origin', 'root']);
    assert.ok(signed.origin.endsWith(world.accountId));
    assert.equal(types().filter((type) => type === 'session.closed').length, 1);
    assert.equal(new Set(receiver.ids()).size, receiver.ids().length);
  });

  it('a receiver that fails is asked again under the same id, and the attempts are kept', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t, (response) => {
      response.writeHead(receiver.received.length === 1 ? 500 : 204).end('an answer that is not kept');
    });
    const { id, secret } = await world.makeWebhook(receiver);
    await world.tell(1);
    await world.start();
    await eventually(
      'the message was delivered',
      async () => (await world.list(id))[0]?.state === 'delivered',
    );
    const [message] = await world.list(id);
    assert.deepEqual(
      message?.attempts.map(({ status, error }) => [status, error]),
      [
        [500, null],
        [204, null],
      ],
    );
    assert.deepEqual(receiver.ids(), [message.messageId, message.messageId]);
    for (const each of receiver.received) verify(secret, each);
    const { url: _url, ...row } = { url: '', ...(await world.db.collection('webhook_deliveries').findOne()) };
    assert.doesNotMatch(JSON.stringify(row), /not kept/);
  });

  it('a receiver that answers 410 gets nothing more', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t, (response) => response.writeHead(410).end());
    const { id } = await world.makeWebhook(receiver);
    await world.tell(1);
    await world.start();
    await eventually(
      'the webhook is disabled',
      async () => (await world.webhooks.find(world.accountId, id))?.disabledAt instanceof Date,
    );
    await eventually('its message is dead', async () => (await world.list(id))[0]?.state === 'dead');
    await world.tell(1);
    await eventually('no message is pending', async () =>
      (await world.list(id)).every(({ state }) => state === 'dead'),
    );
    assert.equal(receiver.received.length, 1);
  });

  it('a deleted account has nothing sent', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t);
    const { id } = await world.makeWebhook(receiver);
    await world.tell(1);
    const rows = world.db.collection<{ _id: string }>('accounts');
    await rows.updateOne({ _id: world.accountId }, { $set: { deleted_at: new Date() } });
    await world.start();
    await eventually('it is dead', async () => (await world.list(id))[0]?.state === 'dead');
    assert.equal(receiver.received.length, 0);
  });

  it('a message that nobody took for a day is dead', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t, (response) => response.writeHead(503).end());
    const { id } = await world.makeWebhook(receiver);
    await world.tell(1);
    const rows = world.db.collection('webhook_deliveries');
    await rows.updateMany({}, { $set: { created_at: new Date(Date.now() - DAY_MS) } });
    await world.start();
    await eventually('it is dead', async () => (await world.list(id))[0]?.state === 'dead');
    assert.equal(receiver.received.length, 1);
  });

  it('a message is dead after a day, or at once, also where somebody changed the secrets or the URL of its webhook', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t);
    const rows = world.db.collection<{ _id: string }>('webhooks');
    const made: string[] = [];
    for (const change of [{ secrets: null }, { secrets: [{ text: 5 }, null] }, { url: 'no address' }]) {
      const { id } = await world.makeWebhook(receiver);
      made.push(id);
      await world.tell(1);
      await rows.updateOne({ _id: id }, { $set: change } as object);
    }
    await world.db
      .collection('webhook_deliveries')
      .updateMany({}, { $set: { created_at: new Date(Date.now() - DAY_MS) } });
    await world.start();
    await eventually('all are dead', async () => {
      const messages = await Promise.all(made.map((id) => world.list(id)));
      return messages.flat().every(({ state }) => state === 'dead');
    });
  });

  it('a receiver that does not answer holds up no other, and has four requests at once at most', async (t) => {
    const world = await createWorld(t);
    const [hanging, quick] = [await startReceiver(t, () => {}), await startReceiver(t)];
    const slow = await world.makeWebhook(hanging);
    await world.makeWebhook(quick);
    await world.tell(20);
    await world.start();
    await eventually('the quick one has all', () => quick.received.length === 20);
    assert.ok((await world.list(slow.id)).every(({ state }) => state === 'pending'));
    assert.ok(hanging.received.length <= 4);
  });

  it('no message is lost where a worker is killed, and one that comes twice has one id', async (t) => {
    const world = await createWorld(t);
    const receiver = await startReceiver(t);
    const { id } = await world.makeWebhook(receiver, ['session.closed']);
    await world.tell(30);
    // Its writer told of nothing, as where it was killed; neither does the job that comes by.
    await writeSession(world, 1, { accountId: world.accountId });
    const kills = rounds([4, 23], [1, 4, 9, 23]).map((command) => ({ job: 'deliver-webhook', command }));
    for (const kill of [{ job: 'aggregate-session', before: 'webhook_deliveries' }, ...kills]) {
      const worker = runWorker(t, world, world.redisUrl, { kill, sweepEveryMs: SWEEP_MS });
      assert.equal(await worker.ended, 'SIGKILL');
    }
    runWorker(t, world, world.redisUrl, { sweepEveryMs: SWEEP_MS });
    await eventually('all are delivered', async () => {
      const told = (await world.list(id)).filter(({ event }) => event.type === 'session.closed');
      return told.length === 31 && told.every(({ state }) => state === 'delivered');
    });
    const ids = (await world.list(id)).map(({ messageId }) => messageId);
    assert.deepEqual([...new Set(receiver.ids())].sort(), ids.sort());
    t.diagnostic(`${receiver.ids().length} requests for ${ids.length} messages`);
  });

  it('a report that is made in the background is told of when it is ready', async (t) => {
    const whole = inReverse(t);
    const redisUrl = testRedisUrl();
    const world = await createJobWorld(whole, redisUrl, { env: PRIVATE });
    const receiver = await startReceiver(whole);
    const draft = { url: receiver.url, events: ['report.ready'] as const, description: '' };
    const made = await createWebhookRepository(world.db).create(world.accountId, draft);
    await world.startWorkers(PRIVATE);
    const { id } = await world.order('since=1d');
    await eventually('it was told', () => receiver.received.length === 1);
    const told = verify(made?.secret as string, receiver.received[0] as Received);
    assert.deepEqual([told.type, told.data], ['report.ready', { report_id: id, scope: 'account' }]);
    assert.equal((await world.status(id)).status, 'ready');
  });
});
