// An account's sessions in a database of the test's own. Each test gets a tenant that has none.
import assert from 'node:assert/strict';
import { newId } from '../../shared/audit/ids.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { SessionQuery } from '../../shared/sessions/list-filter.ts';
import type { ListedSession, Session, SessionPayloads } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { openTestDatabase } from './mongo.ts';
import { buildSession, type SessionTraits } from './sessions.ts';

type Hooks = { after(release: () => Promise<void>): void; beforeEach(prepare: () => void): void };

export const NOON = new Date('2026-05-02T12:00:00.000Z');

/** The time so many minutes after noon. */
export const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

export async function openSessionStore({ after, beforeEach }: Hooks) {
  const { db } = await openTestDatabase({ after });
  const sessions = createSessionRepository(db);
  const tenant = { accountId: '', agentId: '', cookie: '' };
  beforeEach(() => {
    Object.assign(tenant, { accountId: newId('account'), agentId: newId('agent') });
  });

  const build = (traits: SessionTraits = {}): Session => buildSession(tenant, { startedAt: NOON, ...traits });
  return {
    db,
    sessions,
    fleet: createFleetSessions(db),
    tenant,
    build,
    async add(traits: SessionTraits = {}, payloads: SessionPayloads | null = null): Promise<Session> {
      const session = build(traits);
      assert.ok(await sessions.insert(session.accountId, session, payloads));
      return session;
    },
    list(query: Partial<SessionQuery> = {}, accountId = tenant.accountId): Promise<ListedSession[]> {
      const whole = { since: at(-600), until: at(600), minRedactions: 0, after: null, limit: 100 };
      return sessions.list(accountId, { ...whole, ...query });
    },
    find: ({ accountId, id }: Session) => sessions.find(accountId, id),
  };
}
