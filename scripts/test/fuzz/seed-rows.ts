// Rows for `npm run test:fuzz`, written through the API: they have the ids that the document's examples have, so that an
// example finds what it names.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../shared/audit/ids.ts';
import { readDemoPolicies } from '../../demo/demo-policies.ts';

/** Values by the name of a path's parameter, or by that of a query's behind `?`. The first is the one of the examples. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

type Named = Readonly<{ id: string }>;

type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<unknown>;

const EXAMPLE = '01KQGDBJ00Z4M8T6XJ3V5C9R2N';
const DAY_MS = 86_400_000;
const WAIT_MS = 120_000;

/** Requests below `/api/v1`; throws unless it is a success. */
export function createSend(url: string, token: string): Send {
  return async function send(method, path, body, headers) {
    const isYaml = typeof body === 'string';
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': isYaml ? 'application/yaml' : 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: isYaml ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return response.headers.get('Content-Type')?.startsWith('application/json') ? JSON.parse(text) : text;
  };
}

/** Sessions that were ended, and one that is open, with what they need. To be run before workers log them. */
export async function seedSessions(send: Send): Promise<KnownIds> {
  const policies = await readDemoPolicies();
  for (const { name, version, text } of policies) await send('PUT', `/policies/${name}/${version}`, text);
  const [policy] = policies;
  const agents = [`agt_${EXAMPLE}`, newId('agent')];
  for (const id of agents) await send('PUT', `/agents/${id}`, { name: 'Desk', policy_name: policy?.name });
  const sessions = [`sess_${EXAMPLE}`, newId('session'), newId('session')];
  for (const [i, id] of sessions.entries()) {
    const begun = Date.now() - DAY_MS / 2 + i * 1_000;
    const at = (afterMs: number) => new Date(begun + afterMs).toISOString();
    await send('PUT', `/sessions/${id}`, {
      agent_id: agents[i % 2],
      started_at: at(0),
      policy_name: policy?.name,
      policy_version: policy?.version,
      upstream_model: 'gpt-4o-mini',
      external_id: `call-${i}`,
    });
    const token = { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };
    const event = { kind: 'redaction', pass: 'gemma', entity_kind: 'NAME', span: [14, 22], confidence: 0.9 };
    const events = Array.from({ length: 5 }, (_, n) => ({
      event_id: newId('event'),
      ts: at(n * 10),
      ...event,
      ...token,
    }));
    await send('POST', `/sessions/${id}/events`, { events });
    // The last one stays open, for events to come in.
    if (i < sessions.length - 1)
      await send('POST', `/sessions/${id}/end`, { ended_at: at(800), status: 'ok' });
  }
  return {
    agent_id: agents,
    session_id: sessions,
    name: policies.map(({ name }) => name),
    version: policies.map(({ version }) => String(version)),
    seq: ['0', '1', '4', '5'],
    '?agent_id': agents,
    '?external_id': ['call-0', 'call-2'],
    '?since': ['24h', '7d', '30d', '2026-05-01T00:00:00Z'],
    '?until': [new Date(Date.now() + DAY_MS).toISOString()],
    '?tz': ['UTC', 'America/New_York', 'Asia/Kathmandu'],
    '?period': ['2026', '2026-Q4', '2026-11', '2026-11-29'],
    '?from': ['0', '1'],
    '?to': ['1', '5'],
  };
}

/** Reports, while workers run, of which one was made in the background. Waits until the account log has all of it. */
export async function seedReports(send: Send, sessionId: string): Promise<KnownIds> {
  const ordered = (await send('GET', '/reports?since=7d', undefined, { Prefer: 'respond-async' })) as Named;
  const issued = (await send('GET', `/sessions/${sessionId}/report`)) as { report: Named };
  const reports = [ordered.id, issued.report.id];
  await untilAnswered(() => send('GET', `/reports/${ordered.id}/content`));
  await untilAnswered(() => send('GET', `/sessions/${sessionId}/proof`));
  for (const id of reports) await untilAnswered(() => send('GET', `/reports/${id}/proof`));
  return { report_id: reports, path: ['0/000.p/1', '0/000', 'entries/000.p/1', '0/000.p/2'] };
}

/** Tokens and webhooks, after the workers ended: nothing is sent to an address that a test makes up. */
export async function seedHooks(send: Send): Promise<KnownIds> {
  const tokens: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    const made = (await send('POST', '/tokens', {
      name,
      scopes: ['sessions:read'],
      expires: '90d',
    })) as Named;
    tokens.push(made.id);
  }
  const hook = { url: 'https://127.0.0.1:9/masker', events: ['session.closed'] };
  const webhooks: string[] = [];
  for (let i = 0; i < 3; i += 1) webhooks.push(((await send('POST', '/webhooks', hook)) as Named).id);
  const messages: string[] = [];
  for (const id of webhooks) {
    await send('POST', `/webhooks/${id}/test`);
    const { data } = (await send('GET', `/webhooks/${id}/deliveries`)) as { data: { message_id: string }[] };
    messages.push(...data.map(({ message_id }) => message_id));
  }
  return { token_id: tokens, webhook_id: webhooks, message_id: messages };
}

async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(200);
  }
}
