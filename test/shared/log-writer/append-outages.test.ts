import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { createLogWorld, createWriter, startSession, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { type Cut, startCuttingProxy } from '../../support/cutting-proxy.ts';
import { draftsWithIds, idsOf } from '../../support/draft-events.ts';
import { readTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

describe('appending over a bad connection', () => {
  const target = () => {
    const { hostname, port } = new URL(world.database.uri);
    return { host: hostname, port: Number(port) };
  };

  async function connectThrough(port: number, t: { after(release: () => Promise<void>): void }) {
    const mongo = await connectMongo(`mongodb://127.0.0.1:${port}`, world.database.name);
    t.after(() => mongo.close());
    return createWriter(mongo.db);
  }

  const CUTS: Cut[][] = [
    ...[['before'], ['sent'], ['answered']],
    ...[
      ['before', 'before', 'sent'],
      ['before', 'answered'],
    ],
  ] as Cut[][];
  for (const cuts of CUTS) {
    it(`an append stores each event exactly once when writes are cut ${cuts.join(', then ')}`, async (t) => {
      await Promise.all(
        [0, 100, 250, 256].map(async (begin) => {
          const proxy = await startCuttingProxy(target(), 'audit_segments');
          t.after(() => proxy.close());
          const writer = await connectThrough(proxy.port, t);
          const session = await writeSession(world, begin, { seal: false });
          const drafts = draftsWithIds(10, begin);
          proxy.cutNext(...cuts);
          const result = await appendEvents(writer, session.accountId, session.id, drafts);
          assert.ok(result.status === 'appended');
          assert.deepEqual(result.eventIds, idsOf(drafts));
          assert.equal(proxy.pending(), 0);
          const { entries, verdict } = await checkLog(world, session);
          assert.deepEqual(
            entries.slice(begin).map(({ event_id }) => event_id),
            idsOf(drafts),
          );
          assert.equal(verdict.status, 'verified');
        }),
      );
    });
  }

  it('an append acknowledges stored events although the row could not be raised', async (t) => {
    const proxy = await startCuttingProxy(target(), 'sessions');
    t.after(() => proxy.close());
    const writer = await connectThrough(proxy.port, t);
    const session = await startSession(world);
    proxy.cutNext('before');
    assert.equal(
      (await appendEvents(writer, session.accountId, session.id, draftsWithIds(3))).status,
      'appended',
    );
    assert.equal(proxy.pending(), 0);
    const { entries, session: row } = await checkLog(world, session);
    assert.deepEqual([entries.length, row.log.size], [3, 0]);
  });

  it("an append throws the driver's error when the database stays away", async (t) => {
    const proxy = await startCuttingProxy(target(), 'audit_segments');
    t.after(() => proxy.close());
    const writer = await connectThrough(proxy.port, t);
    const session = await startSession(world);
    proxy.cutNext(...Array.from({ length: 100 }, (): Cut => 'before'));
    const impatient = { ...writer, tryOnMs: 500 };
    await assert.rejects(appendEvents(impatient, session.accountId, session.id, draftsWithIds(3)), {
      name: /^Mongo/,
    });
    assert.deepEqual(await readTexts(world.db, session), []);
  });

  it('a close completes and says that it sealed the log, wherever the connection is cut', async (t) => {
    for (const collection of ['audit_segments', 'sessions']) {
      for (const cut of ['before', 'sent', 'answered'] as const) {
        const proxy = await startCuttingProxy(target(), collection);
        t.after(() => proxy.close());
        const writer = await connectThrough(proxy.port, t);
        const session = await writeSession(world, 256, { seal: false });
        proxy.cutNext(cut);
        const facts = { endedAt: new Date(), status: 'ok' } as const;
        assert.equal((await closeLog(writer, session.accountId, session.id, facts)).status, 'sealed');
        assert.equal(proxy.pending(), 0);
        assert.equal((await closeLog(writer, session.accountId, session.id, facts)).status, 'already_sealed');
        const { verdict } = await checkLog(world, session);
        assert.ok(verdict.status === 'verified' && verdict.state === 'sealed' && verdict.size === 256);
      }
    }
  });
});
