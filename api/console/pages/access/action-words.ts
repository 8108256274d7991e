import type { AccessAction } from '../../../../shared/access-record/access-row.ts';

const WORDS: Readonly<Record<AccessAction, string>> = {
  'session.view': 'Session looked at',
  'payloads.view': 'Payloads of a session shown',
  'report.issue': 'Report issued',
  'report.order': 'Report ordered',
  'report.read': 'Report downloaded',
  'proof.read': 'Proof downloaded',
  'evidence.read': 'Evidence pack downloaded',
  'report.delete': 'Report in the background ended',
  'list.export': 'List downloaded as CSV',
  'login.link': 'Signed in by a link',
  'login.oidc': 'Signed in by the organisation',
  'login.command': 'Login made at a terminal',
  'login.revoke': 'Login revoked',
  'login.end': 'Signed out',
  'token.make': 'API token made',
  'token.revoke': 'API token revoked',
  'policy.store': 'Policy stored',
  'agent.store': 'Agent stored',
  'webhook.make': 'Webhook added',
  'webhook.change': 'Webhook changed',
  'webhook.secret': 'Webhook’s secret made anew',
  'webhook.test': 'Test message sent to a webhook',
  'webhook.retry': 'Message sent to a webhook again',
  'webhook.delete': 'Webhook deleted',
  'admin.view': 'Operators’ page opened',
  'admin.change': 'Queue changed',
};

/** What an action is called. A row may name one that this version does not know. */
export function actionWords(action: string): string {
  return Object.hasOwn(WORDS, action) ? WORDS[action as AccessAction] : action;
}
