import { LOG_STATE_WORDS } from '../../../../shared/reports/wording.ts';
import { type Html, html } from '../markup/html.ts';
import { counted, factTable, id, name, number, time } from '../markup/parts.ts';
import { shorten } from '../markup/printable.ts';
import { checkpointBlock } from './account-log.ts';
import { digests } from './digests.ts';
import type { Source } from './section.ts';

/** Code points of a name in large type; the table below it has the whole name. */
const HEADLINE_LIMIT = 90;

/** The verdict with the log's state: of an unsealed log nobody knows that it is complete. */
const VERDICTS = {
  [LOG_STATE_WORDS.sealed]: 'verified, sealed',
  [LOG_STATE_WORDS.open]: 'verified, open',
  [LOG_STATE_WORDS.unsealed]: 'verified, but unsealed: its tail may have been cut',
} as const;

/** The first page: the report's subject, and the digests that bind it. */
export function cover(source: Source): Html {
  const { report } = source;
  const { account, agent, session, policy } = report;
  return html`<header class="cover">
<p class="kind">Compliance report · ${report.schema}, revision ${report.revision}</p>
<h1>Session compliance report</h1>
<p class="subject">${name(shorten(agent.name, HEADLINE_LIMIT))}</p>
<p class="account">${name(shorten(account.name, HEADLINE_LIMIT))}</p>
${factTable('What this report is about', [
  ['Scope', html`One ${report.scope}, ${id(report.session_id)}`],
  ['Account', html`${name(account.name)} ${id(account.id)}`],
  ['Agent', html`${name(agent.name)} ${id(agent.id)}`],
  [
    'Window',
    html`${time(session.started_at)} to ${session.ended_at === null ? 'now: the session has no end' : time(session.ended_at)}`,
  ],
  ['Duration', session.duration_ms === null ? 'not stated' : `${number(session.duration_ms)} ms`],
  ...(session.external_id === null ? [] : ([['External id', name(session.external_id)]] as const)),
  ['Session status', session.status],
  ['Audit log', VERDICTS[report.audit_log.state]],
  ['Model', name(session.upstream_model)],
  ['Policy', html`${name(policy.name)}, version ${policy.version}`],
  ['Generated at', time(report.generated_at)],
  ['Report', id(report.id)],
])}${digests(source, {
  of: 'audit log',
  over: `${counted(report.audit_log.event_count, 'entry', 'entries')}, recomputed from the log for this report`,
})}${checkpointBlock(report)}</header>
`;
}
