// The calls that write a session over HTTP, as lines for a shell, for whoever connects an agent. Their ids are new, and
// `$TOKEN` stands for the bearer token.
import { newId } from '../audit/ids.ts';

/** What a session needs to exist before it is opened. */
export type ExampleSession = Readonly<{
  agentId: string;
  policyName: string;
  policyVersion: number;
  upstreamModel: string;
}>;

/** Lines that open a session, append two events, end it and get its report. `apiUrl`: without a slash at the end. */
export function exampleCalls(
  { agentId, policyName, policyVersion, upstreamModel }: ExampleSession,
  apiUrl: string,
): string[] {
  const now = Date.now();
  const at = (afterMs: number) => new Date(now + afterMs).toISOString();
  const path = `/sessions/${newId('session', now)}`;
  const token = { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };
  const event = (afterMs: number, entityKind: string, span: [number, number]) => ({
    ...{ event_id: newId('event', now + afterMs), ts: at(afterMs), kind: 'redaction', pass: 'gemma' },
    ...{ entity_kind: entityKind, span, confidence: 0.94, ...token },
  });
  const opened = {
    ...{ agent_id: agentId, started_at: at(0), upstream_model: upstreamModel },
    ...{ policy_name: policyName, policy_version: policyVersion },
  };
  const events = [event(10, 'NAME', [14, 22]), event(20, 'PHONE', [40, 52])];
  return [
    exampleCall('PUT', `${apiUrl}/api/v1${path}`, opened),
    exampleCall('POST', `${apiUrl}/api/v1${path}/events`, { events }),
    exampleCall('POST', `${apiUrl}/api/v1${path}/end`, { ended_at: at(800), status: 'ok' }),
    `curl -s -H "Authorization: Bearer $TOKEN" '${apiUrl}/api/v1${path}/report'`,
  ];
}

/** A line that sends a body: an object as JSON, a text as YAML. */
export function exampleCall(method: 'PUT' | 'POST', url: string, body: object | string): string {
  const [type, text] =
    typeof body === 'string' ? ['application/yaml', body] : ['application/json', JSON.stringify(body)];
  return `curl -s -X ${method} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: ${type}' '${url}' --data-binary '${quoted(text)}'`;
}

/** Within the single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
