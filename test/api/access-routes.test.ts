// Every route, with what the access record has of it. Whoever adds a route says so here, or why it leaves no row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONSOLE_FORMS, CONSOLE_PAGES } from '../../api/console/index.ts';
import { ROUTES } from '../../api/routes/index.ts';
import { ACCESS_ACTIONS, type AccessAction } from '../../shared/access-record/access-row.ts';

const LIST = 'a page of a list shows what an index card does; the whole list, as CSV, is recorded';
const CSV = ['list.export'] as const;
const WRITING = 'it shows nothing, and what it adds stands in the session’s own log, chained and sealed';
const HASHES = 'hashes, ids and signatures, made to be handed out';
const OWN = 'what the caller is told of its own login, its account or the service';
const WORDS = 'the operator’s own words: names, policies, coverage';
const FIGURES = 'sums over many sessions';
const FORM = 'an empty form, or a step before the one that is recorded';
const OPERATOR = ['admin.view'] as const;

/** By method and path: the actions that it notes, or why it notes none. */
const RECORDED: Readonly<Record<string, readonly AccessAction[] | string>> = {
  'get /api/v1/sessions': CSV,
  'get /api/v1/sessions/{session_id}': ['session.view', 'payloads.view'],
  'get /api/v1/sessions/{session_id}/report': ['report.issue'],
  'put /api/v1/sessions/{session_id}': WRITING,
  'post /api/v1/sessions/{session_id}/events': WRITING,
  'post /api/v1/sessions/{session_id}/end': WRITING,
  'get /api/v1/sessions/{session_id}/proof': ['proof.read'],
  'get /api/v1/sessions/{session_id}/events/proof': ['proof.read'],
  'get /api/v1/sessions/{session_id}/events/{seq}/proof': ['proof.read'],
  'get /api/v1/sessions/{session_id}/evidence': ['evidence.read'],
  'get /api/v1/agents': CSV,
  'get /api/v1/agents/{agent_id}': FIGURES,
  'put /api/v1/agents/{agent_id}': ['agent.store'],
  'get /api/v1/agents/{agent_id}/sessions': CSV,
  'put /api/v1/policies/{name}/{version}': ['policy.store'],
  'get /api/v1/reports': ['report.issue', 'report.order'],
  'get /api/v1/agents/{agent_id}/report': ['report.issue', 'report.order'],
  'get /api/v1/reports/ledger': CSV,
  'get /api/v1/reports/{report_id}': LIST,
  'get /api/v1/reports/{report_id}/content': ['report.read'],
  'delete /api/v1/reports/{report_id}': ['report.delete'],
  'get /api/v1/reports/{report_id}/statement': ['proof.read'],
  'get /api/v1/reports/{report_id}/proof': ['proof.read'],
  'get /api/v1/log/checkpoint': HASHES,
  'get /api/v1/log/key': HASHES,
  'get /api/v1/log/tile/{path+}': HASHES,
  'get /api/v1/stats/redactions': CSV,
  'get /api/v1/access-log': CSV,
  'get /api/v1/tokens': LIST,
  'post /api/v1/tokens': ['token.make'],
  'delete /api/v1/tokens/{token_id}': ['token.revoke'],
  'get /api/v1/webhooks': LIST,
  'post /api/v1/webhooks': ['webhook.make'],
  'get /api/v1/webhooks/{webhook_id}': LIST,
  'put /api/v1/webhooks/{webhook_id}': ['webhook.change'],
  'delete /api/v1/webhooks/{webhook_id}': ['webhook.delete'],
  'post /api/v1/webhooks/{webhook_id}/test': ['webhook.test'],
  'post /api/v1/webhooks/{webhook_id}/secret': ['webhook.secret'],
  'get /api/v1/webhooks/{webhook_id}/deliveries': LIST,
  'post /api/v1/webhooks/{webhook_id}/deliveries/{message_id}/retry': ['webhook.retry'],
  'get /api/v1/me': OWN,
  'post /api/v1/auth/logout': ['login.end'],
  'get /health': OWN,
  'get /health/live': OWN,
  'get /health/ready': OWN,
  'get /metrics': OWN,
  'get /api/v1/openapi.json': OWN,

  'get /': FIGURES,
  'get /sessions': LIST,
  'get /sessions/{session_id}': ['session.view', 'payloads.view'],
  'get /agents': FIGURES,
  'get /agents/{agent_id}': FIGURES,
  'get /reports': LIST,
  'get /reports/new': FORM,
  'get /reports/{report_id}': LIST,
  'get /verify': ['session.view'],
  'get /auditors': HASHES,
  'get /policies': WORDS,
  'get /policies/compare': WORDS,
  'get /policies/{policy_sha256}': WORDS,
  'get /logins': LIST,
  'get /tokens': LIST,
  'get /connect': OWN,
  'get /access': LIST,
  'get /webhooks': LIST,
  'get /webhooks/{webhook_id}': LIST,
  'get /operators/health': OPERATOR,
  'get /operators/accounts': OPERATOR,
  'get /operators/keys': OPERATOR,
  'get /operators/queues': OPERATOR,
  'get /sign-in': FORM,
  'get /sign-in/oidc': FORM,
  'get /sign-in/oidc/callback': ['login.oidc', 'login.end'],
  'post /sessions/{session_id}/verify': ['session.view'],
  'post /logins/{login_id}/revoke': ['login.revoke'],
  'post /tokens': ['token.make'],
  'post /tokens/{token_id}/revoke': ['token.revoke'],
  'post /webhooks': ['webhook.make'],
  'post /webhooks/{webhook_id}/change': ['webhook.change'],
  'post /webhooks/{webhook_id}/test': ['webhook.test'],
  'post /webhooks/{webhook_id}/secret': ['webhook.secret'],
  'post /webhooks/{webhook_id}/delete': ['webhook.delete'],
  'post /webhooks/{webhook_id}/messages/{message_id}/retry': ['webhook.retry'],
  'post /sign-in': ['login.link', 'login.end'],
  'post /sign-out': ['login.end'],
  'post /reports': ['report.order'],
  'post /reports/{report_id}/cancel': ['report.delete'],
  'post /reports/{report_id}/again': ['report.order'],
};

test('every route of the API and the console is recorded, or it is said why not', () => {
  const routes = [
    ...ROUTES.map(({ method, path }) => `${method} ${path}`),
    ...CONSOLE_PAGES.map(({ path }) => `get ${path}`),
    ...CONSOLE_FORMS.map(({ path }) => `post ${path}`),
  ];
  assert.deepEqual(Object.keys(RECORDED).sort(), routes.sort());
});

test('a route that changes something is recorded, but for those that write a session’s log', () => {
  const silent = Object.entries(RECORDED).filter(
    ([route, said]) => !route.startsWith('get ') && typeof said === 'string',
  );
  assert.deepEqual(
    silent.map(([route]) => route),
    [
      'put /api/v1/sessions/{session_id}',
      'post /api/v1/sessions/{session_id}/events',
      'post /api/v1/sessions/{session_id}/end',
    ],
  );
});

test('every action is of a route, of a command, or of the queues’ dashboard', () => {
  const ofRoutes = new Set(Object.values(RECORDED).flatMap((said) => (typeof said === 'string' ? [] : said)));
  const others = ACCESS_ACTIONS.filter((action) => !ofRoutes.has(action));
  assert.deepEqual(others, ['login.command', 'admin.change']);
});
