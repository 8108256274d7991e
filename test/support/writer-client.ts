// A program that writes sessions over HTTP, with a bearer token.
import assert from 'node:assert/strict';
import type { Permission } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { DAY_MS } from '../../shared/time/durations.ts';
import { policyFile } from './policies.ts';
import type { TestApp } from './start-app.ts';

export const WRITER_SCOPES = [
  'policies:write',
  'agents:write',
  'sessions:write',
  'sessions:read',
  'reports:read',
] as const satisfies readonly Permission[];

export type Answer = Readonly<{ status: number; body: unknown; headers: Headers }>;
export type Send = (method: string, path: string, body?: unknown, headers?: object) => Promise<Answer>;

/** Sends requests as the holder of a new token; a text is sent as YAML, anything else as JSON. */
export async function openWriter(
  app: Pick<TestApp, 'url' | 'deps'>,
  accountId: string,
  scopes: readonly Permission[] = WRITER_SCOPES,
): Promise<Send> {
  const expiresAt = new Date(Date.now() + DAY_MS);
  const { text } = await app.deps.tokens.create(accountId, { name: 'Proxy', scopes, expiresAt });
  return senderTo(app.url, { authorization: `Bearer ${text}` });
}

/** Sends requests to a service with these headers. */
export function senderTo(url: string, login: Readonly<Record<string, string>>): Send {
  return async (method, path, body, headers = {}) => {
    const isText = typeof body === 'string';
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...login,
        ...(body !== undefined && { 'content-type': isText ? 'application/yaml' : 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : isText ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
}

export const POLICY_TEXT = policyFile('healthcare-default@1');
/** The same policy, which keeps payloads. */
export const KEEPING_POLICY = POLICY_TEXT.replace('version: 1', 'version: 2').replace(
  /log_payloads: false/,
  'log_payloads: true',
);

/** The body that opens a session of the agent under the policy's first version. */
export function sessionOf(agentId: string, more: object = {}) {
  return {
    agent_id: agentId,
    started_at: new Date(Date.now() - 60_000).toISOString(),
    policy_name: 'healthcare-default',
    policy_version: 1,
    upstream_model: 'gpt-4o-mini',
    ...more,
  };
}

/** Stores the policy and an agent, which every session names. */
export async function prepare(send: Send): Promise<{ agentId: string }> {
  const agentId = newId('agent');
  const stored = await send('PUT', '/policies/healthcare-default/1', POLICY_TEXT);
  assert.ok([200, 201].includes(stored.status), JSON.stringify(stored.body));
  const made = await send('PUT', `/agents/${agentId}`, { name: 'Desk', policy_name: 'healthcare-default' });
  assert.equal(made.status, 201);
  return { agentId };
}

/** A session that is open. */
export async function openOne(send: Send, agentId: string, more: object = {}): Promise<string> {
  const id = newId('session');
  const opened = await send('PUT', `/sessions/${id}`, sessionOf(agentId, more));
  assert.equal(opened.status, 201, JSON.stringify(opened.body));
  return id;
}

export function errorOf({ status, body }: Answer) {
  const { code, param, message } = (body as { error: { code: string; param?: string; message: string } })
    .error;
  return { status, code, ...(param !== undefined && { param }), message };
}
