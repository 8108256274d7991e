// A program that writes sessions over HTTP and sends each call again until it is answered, whatever is killed meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../shared/audit/ids.ts';
import { draftEvent } from './audit-world.ts';
import { sessionOf } from './writer-client.ts';

/** What was acknowledged. */
export type Acknowledged = Readonly<{ sessionId: string; eventId: string }>;
export type Ended = Readonly<{ sessionId: string; size: number; rootHex: string }>;

export type Notes = Readonly<{
  events: Acknowledged[];
  ended: Ended[];
  /** Every session that was begun. */
  sessions: string[];
}>;

export type Target = Readonly<{
  /** Where the service is now: another place after it was started again. */
  url(): string;
  token: string;
  agentId: string;
  notes: Notes;
  /** Between two calls; none by default. */
  pauseMs?: number;
}>;

const BATCHES = 12;
const WAIT_MS = 50;
const PATIENCE_MS = 120_000;

/** Writes one session after the other until it is told to stop, and ends the last one. */
export async function writeOn(target: Target, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) await writeSession(target);
}

async function writeSession(target: Target): Promise<void> {
  const { agentId, notes } = target;
  const sessionId = newId('session');
  notes.sessions.push(sessionId);
  const path = `/sessions/${sessionId}`;
  await send(target, 'PUT', path, sessionOf(agentId));
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const ts = new Date().toISOString();
    const events = Array.from({ length: 1 + ((batch * 7) % 40) }, (_, i) => ({
      ...draftEvent(i),
      ts,
      event_id: newId('event'),
    }));
    await send(target, 'POST', `${path}/events`, { events });
    for (const { event_id: eventId } of events) notes.events.push({ sessionId, eventId });
  }
  const end = { ended_at: new Date().toISOString(), status: 'ok' };
  const answer = (await send(target, 'POST', `${path}/end`, end)) as {
    size: number;
    merkle_root_hex: string;
  };
  const { size, merkle_root_hex: rootHex } = answer;
  notes.ended.push({ sessionId, size, rootHex });
}

/** The answer of success. Rejects for one that sending again cannot help, and after two minutes. */
async function send(target: Target, method: string, path: string, body: object): Promise<unknown> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask(target, method, path, JSON.stringify(body));
    if (answer?.ok) {
      if (target.pauseMs) await sleep(target.pauseMs);
      return JSON.parse(answer.text);
    }
    if (answer && answer.status !== 503)
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    if (performance.now() > until) throw new Error(`${method} ${path}: no answer in ${PATIENCE_MS} ms`);
    await sleep(WAIT_MS);
  }
}

async function ask({ url, token }: Target, method: string, path: string, body: string) {
  try {
    const response = await fetch(`${url()}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const { ok, status } = response;
    return { ok, status, text: await response.text() };
  } catch {
    // The connection broke: stored or not.
    return null;
  }
}
