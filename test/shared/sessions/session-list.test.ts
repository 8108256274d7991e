import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import type { SessionQuery } from '../../../shared/sessions/list-filter.ts';
import type { SessionSummary } from '../../../shared/sessions/session.ts';
import { at, openSessionStore } from '../../support/session-store.ts';

const { add, list } = await openSessionStore({ after, beforeEach });
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
      const pages: SessionSummary[] = [];
      let page = await list({ limit });
      while (page.length > 0) {
        assert.ok(page.length <= limit);
        pages.push(...page);
        const { startedAt, id } = page.at(-1) as SessionSummary;
        page = await list({ limit, after: { startedAt, id } });
      }
      assert.deepEqual(idsOf(pages), expected, `by ${limit}`);
    }
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
