import type { Report } from '../../../../shared/reports/report-schema.ts';
import { LOG_STATE_WORDS } from '../../../../shared/reports/wording.ts';
import { type Html, html } from '../markup/html.ts';
import { counted, duration, factTable, id, number, status, time } from '../markup/parts.ts';
import { checkpointBlock } from './account-log.ts';
import { alertsOf } from './alerts.ts';
import { digests } from './digests.ts';
import { headline, issuedTo, shortName } from './names.ts';
import type { Source } from './section.ts';
import { alertStatus, coverageOf } from './verdict.ts';

/** The verdict with the log's state: of an unsealed log nobody knows that it is complete. */
const VERDICTS = {
  [LOG_STATE_WORDS.sealed]: { words: 'verified, sealed', tone: 'good' },
  [LOG_STATE_WORDS.open]: { words: 'verified, open', tone: 'plain' },
  [LOG_STATE_WORDS.unsealed]: { words: 'verified, but unsealed: its tail may have been cut', tone: 'fair' },
} as const;

/** The first page: the verdict, the report's subject, and the digests that bind it. */
export function cover(source: Source): Html {
  const { report } = source;
  const { account, agent, session, policy } = report;
  const { words, tone } = VERDICTS[report.audit_log.state];
  return html`<header class="cover">
<p class="kind">Compliance report · ${report.schema}, revision ${report.revision}</p>
<h1>Session compliance report</h1>
<p class="subject">${headline(agent.name)}</p>
<p class="account">${headline(account.name)}</p>
${issuedTo(report)}${factTable(
  'Verdict',
  [
    ['Audit log', status(`Audit log: ${words}.`, tone)],
    ['Alerts', alertStatus(alertsOf(report))],
    ['Safe Harbor', coverageOf(report)],
    [
      'Redactions',
      `${number(report.redaction_count)}, of ${counted(report.redactions_by_kind.size, 'kind')}`,
    ],
  ],
  'verdict',
)}${factTable('What this report is about', [
  ['Session', html`${id(report.session_id)}, ${session.status}`],
  ['Account', html`${shortName(account.name)} ${id(account.id)}`],
  ['Agent', html`${shortName(agent.name)} ${id(agent.id)}`],
  ['Window', windowOf(report)],
  ...(session.external_id === null ? [] : ([['External id', shortName(session.external_id)]] as const)),
  ['Model', shortName(session.upstream_model)],
  ['Policy', html`${shortName(policy.name)}, version ${policy.version}`],
  ['Generated at', time(report.generated_at)],
  ['Report', id(report.id)],
])}${digests(source, {
  of: 'audit log',
  over: `${counted(report.audit_log.event_count, 'entry', 'entries')}, recomputed from the log for this report`,
})}${checkpointBlock(report)}</header>
`;
}

function windowOf({ session: { started_at: start, ended_at: end, duration_ms: ms } }: Report): Html {
  if (end === null) return html`${time(start)} to now: the session has no end`;
  return html`${time(start)} to ${time(end)}${ms === null ? '' : `, ${duration(ms)}`}`;
}
