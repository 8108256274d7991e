import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, factTable, id, name, number, status, time } from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import { checkpointBlock } from '../account-log.ts';
import { digests } from '../digests.ts';
import type { Source } from '../section.ts';
import { sessionsOf, verdictOf, windowOf } from './words.ts';

/** Code points of a name in large type; the table below it has the whole name. */
const HEADLINE_LIMIT = 90;

/** The first page: the subject, the verdict, and the digests that bind the report. */
export function wideCover(source: Source<WideReport>): Html {
  const { report } = source;
  const { account } = report;
  const headline = report.scope === 'agent' ? report.agent.name : account.name;
  const { words, tone } = verdictOf(report);
  return html`<header class="cover">
<p class="kind">Compliance report · ${report.schema}, revision ${report.revision}</p>
<h1>${report.scope === 'agent' ? 'Agent' : 'Account'} compliance report</h1>
<p class="subject">${name(shorten(headline, HEADLINE_LIMIT))}</p>
<p class="account">${report.scope === 'agent' ? name(shorten(account.name, HEADLINE_LIMIT)) : html`${report.window.period ?? time(report.window.since)}`}</p>
${factTable('What this report is about', [
  [
    'Scope',
    report.scope === 'agent'
      ? html`The sessions of one agent, ${name(report.agent.name)} ${id(report.agent_id)}`
      : 'All sessions of the account',
  ],
  ['Account', html`${name(account.name)} ${id(account.id)}`],
  ['Window', windowOf(report)],
  ['Sessions', sessionsOf(report)],
  ['Redactions', number(report.redaction_count)],
  ['Audit logs', status(`${words}.`, tone)],
  ['Generated at', time(report.generated_at)],
  ['Report', id(report.id)],
])}${digests(source, {
  of: 'sessions',
  over: `${counted(report.sessions_total, 'session')} with ${counted(report.audit_log.entries_read, 'entry', 'entries')}, recomputed from every log for this report`,
})}${checkpointBlock(report)}</header>
`;
}
