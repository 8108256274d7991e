import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { sessionsResponse } from '../../../../api/http/session-summary.ts';
import { HOUR_MS } from '../../../../shared/time/durations.ts';
import { assertError } from '../../../support/answers.ts';
import { addSession } from '../../../support/sessions.ts';
import { startApp } from '../../../support/start-app.ts';

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

test('pages of sessions', async (t) => {
  const app = await startApp(t);

  async function readPage(path: string, cookie: string): Promise<z.infer<typeof sessionsResponse>> {
    const response = await app.get(path, cookie);
    assert.equal(response.status, 200, path);
    return sessionsResponse.parse(await response.json());
  }

  await t.test('pages hold every session once, newest first, while sessions are added', async () => {
    const clinic = await app.addTenant('Paging');
    // Several share one millisecond, so that the id decides.
    const minutes = [1, 2, 2, 2, 2, 3, 4, 4, 5, 6, 7];
    const base = Date.now() - HOUR_MS;
    const stored = await Promise.all(
      minutes.map((minute) => addSession(app, clinic, { startedAt: new Date(base - minute * 60_000) })),
    );
    const order = stored
      .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1))
      .map((session) => session.id);

    for (const path of ['/api/v1/sessions', `/api/v1/agents/${clinic.agentId}/sessions`]) {
      for (const limit of [1, 2, 3, 11, 100]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await readPage(
            `${path}?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
            clinic.cookie,
          );
          assert.ok(page.data.length <= limit);
          seen.push(...page.data.map((row) => row.id));
          cursor = page.next_cursor;
          await addSession(app, clinic, { startedAt: new Date() });
        } while (cursor);
        assert.deepEqual(
          seen.filter((id) => order.includes(id)),
          order,
        );
        assert.equal(new Set(seen).size, seen.length);
      }
    }
  });

  await t.test('a cursor continues without its filters, and with another limit', async () => {
    const clinic = await app.addTenant('Continued');
    for (const hours of [1, 2, 3, 4]) {
      await addSession(app, clinic, { startedAt: hoursAgo(hours), status: hours === 2 ? 'error' : 'ok' });
    }
    const first = await readPage('/api/v1/sessions?status=ok&limit=1', clinic.cookie);
    const rest = await readPage(`/api/v1/sessions?limit=100&cursor=${first.next_cursor}`, clinic.cookie);
    assert.equal(rest.data.length, 2);
    assert.ok(rest.data.every((row) => row.status === 'ok'));
    assert.equal(rest.next_cursor, null);
  });

  await t.test('a relative window may be repeated with its cursor, and another one is 422', async () => {
    const clinic = await app.addTenant('Windows');
    for (const hours of [1, 2]) await addSession(app, clinic, { startedAt: hoursAgo(hours) });
    const { next_cursor } = await readPage('/api/v1/sessions?since=7d&limit=1', clinic.cookie);
    const again = await readPage(`/api/v1/sessions?since=7d&limit=1&cursor=${next_cursor}`, clinic.cookie);
    assert.equal(again.data.length, 1);
    const other = await app.get(`/api/v1/sessions?since=30d&cursor=${next_cursor}`, clinic.cookie);
    await assertError(other, 422, 'validation_failed', 'cursor');
  });

  await t.test(
    'a cursor that is altered at any byte, or of another list, agent or account, is 422',
    async () => {
      const clinic = await app.addTenant('Tampered');
      for (const hours of [1, 2]) await addSession(app, clinic, { startedAt: hoursAgo(hours) });
      const { next_cursor } = await readPage('/api/v1/sessions?limit=1', clinic.cookie);
      const cursor = next_cursor ?? '';
      const refused = async (path: string, by = clinic.cookie) =>
        assertError(await app.get(path, by), 422, 'validation_failed', 'cursor');

      for (let index = 0; index < cursor.length; index++) {
        const flipped = cursor[index] === 'A' ? 'B' : 'A';
        await refused(
          `/api/v1/sessions?cursor=${cursor.slice(0, index)}${flipped}${cursor.slice(index + 1)}`,
        );
      }
      await refused(`/api/v1/agents/${clinic.agentId}/sessions?cursor=${cursor}`);
      await refused(`/api/v1/agents?cursor=${cursor}`);
      await refused(`/api/v1/sessions?cursor=${cursor}`, (await app.addTenant('Other')).cookie);
    },
  );
});
