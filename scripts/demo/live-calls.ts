// Calls of the demo clinic, played through the API as a voice proxy would: each opens its session, appends events while it
// lasts, and ends it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoAgent, type DemoSession, planCall } from './demo-plan.ts';
import { readDemoPolicies } from './demo-policies.ts';
import type { Random } from './random.ts';

/** Sends a request below `/api/v1`, again until it is answered for good. Rejects with a `Refusal`. */
export type Send = (method: 'PUT' | 'POST', path: string, body: object | string) => Promise<unknown>;

/** What the service answered for good, or that it stayed away. */
export class Refusal extends Error {}

/** How long a request is sent again while the service is away. */
const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

export function createSend(url: string, token: string, stop: AbortSignal): Send {
  return async function send(method, path, body) {
    const until = performance.now() + PATIENCE_MS;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
      const answer = await ask(`${url}/api/v1${path}`, method, token, body);
      if (answer.kind === 'done') return answer.body;
      if (answer.kind === 'refused' || performance.now() > until || stop.aborted) {
        throw new Refusal(`${method} /api/v1${path}: ${answer.why}`);
      }
      await sleep(answer.afterMs ?? waitMs);
    }
  };
}

type Answer =
  | Readonly<{ kind: 'done'; body: unknown }>
  | Readonly<{ kind: 'later'; why: string; afterMs: number | null }>
  | Readonly<{ kind: 'refused'; why: string }>;

async function ask(url: string, method: string, token: string, body: object | string): Promise<Answer> {
  const isYaml = typeof body === 'string';
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': isYaml ? 'application/yaml' : 'application/json',
      },
      body: isYaml ? body : JSON.stringify(body),
    });
    text = await response.text();
  } catch (error) {
    const { cause, message } = error as Error;
    return { kind: 'later', why: cause instanceof Error ? cause.message : message, afterMs: null };
  }
  if (response.ok) return { kind: 'done', body: JSON.parse(text) };
  const why = `${response.status} ${text}`;
  if (response.status !== 429 && response.status !== 503) return { kind: 'refused', why };
  const after = Number(response.headers.get('Retry-After'));
  return { kind: 'later', why, afterMs: after > 0 ? after * 1_000 : null };
}

/** Stores the clinic's policies and agents: what is there already stays. */
export async function prepareClinic(send: Send, agents: readonly DemoAgent[]): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const { name, version, text } of await readDemoPolicies()) {
    await send('PUT', `/policies/${name}/${version}`, text);
    versions.set(name, version);
  }
  for (const { id, name, policyName } of agents) {
    await send('PUT', `/agents/${id}`, { name, policy_name: policyName });
  }
  return versions;
}

export type Played = Readonly<{ events: number }>;

/** Events of a call are sent in as many parts. */
const PARTS = 3;

/** Plays one call in its own time: it takes as long as it says. */
export async function playCall(
  send: Send,
  random: Random,
  agents: readonly DemoAgent[],
  versions: ReadonlyMap<string, number>,
): Promise<Played> {
  const call = planCall(random, agents, new Date());
  const { agent, payloads } = call;
  const path = `/sessions/${call.id}`;
  await send('PUT', path, {
    agent_id: agent.id,
    started_at: call.startedAt.toISOString(),
    policy_name: agent.policyName,
    policy_version: versions.get(agent.policyName),
    upstream_model: call.upstreamModel,
    external_id: `demo-${call.id.slice(-12)}`,
  });
  const events = call.events();
  for (let part = 1; part <= PARTS; part += 1) {
    await waitUntil(call, part / PARTS);
    const due = events.slice(((part - 1) / PARTS) * events.length, (part / PARTS) * events.length);
    if (due.length > 0) await send('POST', `${path}/events`, { events: due });
  }
  await send('POST', `${path}/end`, {
    ended_at: call.endedAt.toISOString(),
    status: call.status,
    stage_durations_ms: Object.fromEntries(call.stageDurationsMs),
    ...(payloads && { payloads }),
  });
  return { events: events.length };
}

async function waitUntil({ startedAt, endedAt }: DemoSession, share: number): Promise<void> {
  const at = startedAt.getTime() + share * (endedAt.getTime() - startedAt.getTime());
  await sleep(Math.max(0, at - Date.now()));
}
