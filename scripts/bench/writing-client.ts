// A program that writes sessions over HTTP, on a number of connections. Bodies are made before anything is timed.
import { Agent, request } from 'node:http';
import { newId } from '../../shared/audit/ids.ts';
import type { BenchAccount } from './bench-account.ts';

export type WrittenSession = Readonly<{
  path: string;
  open: string;
  /** The bodies of its batches. */
  batches: readonly string[];
  end: string;
  /** Its events, each as JSON. */
  events: readonly string[];
}>;

export type WritingClient = Readonly<{
  /** Opens, appends and ends the sessions, each on a connection of its own. Throws unless all succeed. */
  write(sessions: readonly WrittenSession[]): Promise<void>;
  close(): void;
}>;

export function openWritingClient(url: string, token: string, connections: number): WritingClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  function send(method: string, path: string, body: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(`${url}/api/v1${path}`, { method, agent, headers }, (answer) => {
      answer.resume().on('end', () => {
        if ((answer.statusCode ?? 0) < 300) resolve();
        else reject(new Error(`${method} ${path} was answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject).end(body);
    return promise;
  }

  return {
    async write(sessions) {
      await Promise.all(
        sessions.map(async ({ path, open, batches, end }) => {
          await send('PUT', path, open);
          for (const batch of batches) await send('POST', `${path}/events`, batch);
          await send('POST', `${path}/end`, end);
        }),
      );
    },
    close: () => agent.destroy(),
  };
}

/** A session of `requests` batches of `batch` events. */
export function planWritten(
  { agentId, policy }: BenchAccount,
  { requests, batch }: Readonly<{ requests: number; batch: number }>,
): WrittenSession {
  const started = Date.now() - 60_000;
  const events = Array.from({ length: requests * batch }, (_, i) => eventAt(started + i, i));
  const at = (i: number) => events.slice(i * batch, (i + 1) * batch).join(',');
  return {
    path: `/sessions/${newId('session')}`,
    open: JSON.stringify({
      agent_id: agentId,
      started_at: new Date(started).toISOString(),
      policy_name: policy.name,
      policy_version: policy.version,
      upstream_model: 'gpt-4o-mini',
    }),
    batches: Array.from({ length: requests }, (_, i) => `{"events":[${at(i)}]}`),
    end: JSON.stringify({ ended_at: new Date(started + 59_000).toISOString(), status: 'ok' }),
    events,
  };
}

const KINDS = ['NAME', 'PHONE', 'DOB', 'SSN', 'EMAIL'];

function eventAt(ms: number, i: number): string {
  return JSON.stringify({
    ...{ event_id: newId('event'), ts: new Date(ms).toISOString(), kind: 'redaction' },
    ...{ pass: i % 3 === 0 ? 'gemma' : 'regex', entity_kind: KINDS[i % KINDS.length] },
    ...{ span: [i, i + 9], confidence: 0.5 + (i % 50) / 100, token_kind: 'MSKV1', kid: 'K_HEALTHCARE' },
  });
}
