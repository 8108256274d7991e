import { DAY_MS } from '../time/durations.ts';
import type { Announcer } from '../webhooks/announce.ts';
import type { Session } from './session.ts';

/**
 * Tells webhooks of a session whose log is sealed: one message a session, however many tell of it. Does nothing for a
 * session that is open, or without a seal or a root. Rejects with the driver's error.
 */
export async function announceClosed(
  announcer: Pick<Announcer, 'announce'>,
  { id, accountId, agentId, endedAt, merkleRootHex, log }: Session,
): Promise<void> {
  if (endedAt === null || log.seal === null || merkleRootHex === null) return;
  const data = { session_id: id, agent_id: agentId, size: log.size, merkle_root_hex: merkleRootHex };
  await announcer.announce(accountId, { type: 'session.closed', data }, id);
}

/**
 * Whether a session ended within the day before `now`. For whoever comes by sessions of any age: an import, or counts that
 * are made anew, are no news.
 */
export function endedLately({ endedAt }: Pick<Session, 'endedAt'>, now: Date): boolean {
  return endedAt !== null && now.getTime() - endedAt.getTime() <= DAY_MS;
}
