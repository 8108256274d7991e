import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, factTable, id, number, status, time } from '../../markup/parts.ts';
import { checkpointBlock } from '../account-log.ts';
import { digests } from '../digests.ts';
import { headline, issuedTo, shortName } from '../names.ts';
import type { Source } from '../section.ts';
import { alertStatus, coverageOf } from '../verdict.ts';
import { wideAlertsOf } from './alerts.ts';
import { sessionsOf, verdictOf, windowOf } from './words.ts';

/** The first page: the subject, the verdict, and the digests that bind the report. */
export function wideCover(source: Source<WideReport>): Html {
  const { report } = source;
  const { account } = report;
  const subject = report.scope === 'agent' ? report.agent.name : account.name;
  const { words, tone } = verdictOf(report);
  return html`<header class="cover">
<p class="kind">Compliance report · ${report.schema}, revision ${report.revision}</p>
<h1>${report.scope === 'agent' ? 'Agent' : 'Account'} compliance report</h1>
<p class="subject">${headline(subject)}</p>
<p class="account">${report.scope === 'agent' ? headline(account.name) : html`${report.window.period ?? time(report.window.since)}`}</p>
${issuedTo(report)}${factTable(
  'Verdict',
  [
    ['Audit logs', status(`${words}.`, tone)],
    ['Alerts', alertStatus(wideAlertsOf(report))],
    ['Safe Harbor', coverageOf(report)],
    [
      'Redactions',
      `${number(report.redaction_count)}, of ${counted(report.redactions_by_kind.size, 'kind')}`,
    ],
  ],
  'verdict',
)}${factTable('What this report is about', [
  [
    'Scope',
    report.scope === 'agent'
      ? html`The sessions of one agent, ${shortName(report.agent.name)} ${id(report.agent_id)}`
      : 'All sessions of the account',
  ],
  ['Account', html`${shortName(account.name)} ${id(account.id)}`],
  ['Window', windowOf(report)],
  ['Sessions', sessionsOf(report)],
  ['Generated at', time(report.generated_at)],
  ['Report', id(report.id)],
])}${digests(source, {
  of: 'sessions',
  over: `${counted(report.sessions_total, 'session')} with ${counted(report.audit_log.entries_read, 'entry', 'entries')}, recomputed from every log for this report`,
})}${checkpointBlock(report)}</header>
`;
}
