// npm install openapi-fetch ulid; npx openapi-typescript openapi.json --output api-types.d.ts
import createClient from 'openapi-fetch';
import { ulid } from 'ulid';
import type { paths } from './api-types.d.ts';

const api = createClient<paths>({
  baseUrl: process.env.MASKER_URL!, // http://127.0.0.1:8080
  headers: { Authorization: `Bearer ${process.env.MASKER_TOKEN}` },
});

/** What a call answered, or its error. Every call can be sent again. */
function must<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const now = () => new Date().toISOString();
const [agent_id, session_id] = [`agt_${ulid()}`, `sess_${ulid()}`];
const policy = `
name: web-desk
version: 1
passes: [regex, gemma]
entities:
  NAME: {enabled: true, ner: true, action: tokenize}
`;

must(
  await api.PUT('/api/v1/policies/{name}/{version}', {
    params: { path: { name: 'web-desk', version: '1' } },
    body: policy,
    bodySerializer: (text) => text,
    headers: { 'Content-Type': 'application/yaml' },
  }),
);
must(
  await api.PUT('/api/v1/agents/{agent_id}', {
    params: { path: { agent_id } },
    body: { name: 'Web desk', policy_name: 'web-desk' },
  }),
);
const params = { path: { session_id } };
must(
  await api.PUT('/api/v1/sessions/{session_id}', {
    params,
    body: {
      agent_id,
      started_at: now(),
      policy_name: 'web-desk',
      policy_version: 1,
      upstream_model: 'gpt-4o-mini',
    },
  }),
);
const event = { event_id: `evt_${ulid()}`, ts: now(), kind: 'redaction', pass: 'gemma', entity_kind: 'NAME' };
must(
  await api.POST('/api/v1/sessions/{session_id}/events', {
    params,
    body: {
      events: [{ ...event, span: [14, 22], confidence: 0.94, token_kind: 'MSKV1', kid: 'K_HEALTHCARE' }],
    },
  }),
);
const ended = must(
  await api.POST('/api/v1/sessions/{session_id}/end', { params, body: { ended_at: now(), status: 'ok' } }),
);
const issued = must(await api.GET('/api/v1/sessions/{session_id}/report', { params }));
if (typeof issued === 'string') throw new Error('The report is no JSON');
const { report } = issued;
if (report.merkle_root_hex !== ended.merkle_root_hex) throw new Error('The report is of another log');
console.log(session_id, report.redactions_by_kind, report.audit_log.state);
