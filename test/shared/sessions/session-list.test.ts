import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { BSON, MongoClient } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import type { SessionQuery } from '../../../shared/sessions/list-filter.ts';
import type { ListedSession } from '../../../shared/sessions/session.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { at, openSessionStore } from '../../support/session-store.ts';

const { db, add, list } = await openSessionStore({ after, beforeEach });
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe('the list of sessions', () => {
  it('sessions are listed by the newest start first, and by the highest id where starts are equal', async () => {
    const rows = [];
    for (const minutes of [3, 1, 2, 1, 3, 1, 1, 2]) rows.push(await add({ startedAt: at(minutes) }));
    const expected = rows
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    assert.deepEqual(idsOf(await list()), expected);
    for (const limit of [1, 2, 3, 5, 8]) {
      const pages: ListedSession[] = [];
      let page = await list({ limit });
      while (page.length > 0) {
        assert.ok(page.length <= limit);
        pages.push(...page);
        const { startedAt, id } = page.at(-1) as ListedSession;
        page = await list({ limit, after: { startedAt, id } });
      }
      assert.deepEqual(idsOf(pages), expected, `by ${limit}`);
    }
  });

  it('a list reads no more of a row than it shows, however much somebody put into its counts', async () => {
    const { id } = await add({ redactionsByKind: [['NAME', 2]] });
    const names = (count: number) => Array.from({ length: count }, (_, i) => [`${i}`.repeat(9), 1]);
    await db.collection<{ _id: string }>('sessions').updateOne(
      { _id: id },
      {
        $set: {
          'aggregate.redactions_by_kind': names(20_000),
          'aggregate.redactions_by_pass': names(100_000),
          'aggregate.redaction_count': 20_000,
        },
      },
    );
    const client = new MongoClient(process.env.TEST_MONGODB_URI ?? '', { monitorCommands: true });
    let bytes = 0;
    client.on('commandSucceeded', ({ reply }) => {
      bytes += BSON.calculateObjectSize(reply as object);
    });
    const sessions = createSessionRepository(client.db(db.databaseName));
    const query = { since: at(-600), until: at(600), minRedactions: 1, after: null, limit: 5 };
    const [row] = await sessions.list((await list())[0]!.accountId, query).finally(() => client.close());
    assert.deepEqual(Object.keys(row!.aggregate).sort(), ['redactionCount', 'redactionsByKind']);
    assert.equal(row!.aggregate.redactionCount, 20_000);
    assert.equal(row!.aggregate.redactionsByKind.length, 2_000);
    assert.ok(bytes < 150_000, `${bytes} bytes for one row`);
  });

  it('listed sessions start from `since` on and before `until`', async () => {
    const [early, middle, late] = [
      await add({ startedAt: at(0) }),
      await add({ startedAt: at(1) }),
      await add({ startedAt: at(2) }),
    ];
    assert.deepEqual(idsOf(await list({ since: at(0), until: at(2) })), [middle.id, early.id]);
    assert.deepEqual(idsOf(await list({ since: new Date(at(0).getTime() + 1) })), [late.id, middle.id]);
    assert.deepEqual(await list({ since: at(1), until: at(1) }), []);
    const cursor = { startedAt: at(2), id: late.id };
    assert.deepEqual(idsOf(await list({ since: at(1), after: cursor })), [middle.id]);
    // A cursor from elsewhere opens no window that the query closes.
    assert.deepEqual(idsOf(await list({ until: at(1), after: cursor })), [early.id]);
  });

  it('only sessions that have ended are listed', async () => {
    await add({ open: true });
    const ended = await add();
    assert.deepEqual(idsOf(await list()), [ended.id]);
  });

  it('sessions are listed by agent, status and redactions, together too', async () => {
    const agentId = newId('agent');
    const rows = {
      other: await add({ redactionsByKind: [['NAME', 5]] }),
      few: await add({ agentId, redactionsByKind: [['NAME', 2]] }),
      many: await add({ agentId, redactionsByKind: [['NAME', 3]] }),
      failed: await add({ agentId, status: 'error', redactionsByKind: [['NAME', 7]] }),
    };
    const found = async (query: Partial<SessionQuery>) => new Set(idsOf(await list(query)));
    const named = (...names: (keyof typeof rows)[]) => new Set(names.map((name) => rows[name].id));
    assert.deepEqual(await found({ agentId }), named('few', 'many', 'failed'));
    assert.deepEqual(await found({ status: 'ok' }), named('other', 'few', 'many'));
    assert.deepEqual(await found({ minRedactions: 3 }), named('other', 'many', 'failed'));
    assert.deepEqual(await found({ agentId, status: 'ok', minRedactions: 3 }), named('many'));
    assert.deepEqual(await found({ status: 'partial' }), named());
  });
});
