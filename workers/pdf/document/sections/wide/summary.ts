import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { factTable, number, sentence } from '../../markup/parts.ts';
import { alertList, coverageTile, tile } from '../executive-summary.ts';
import type { Section, Source } from '../section.ts';
import { WIDE_CONDITIONS, wideAlertsOf } from './alerts.ts';

export const wideSummary: Section<WideReport> = {
  title: 'Executive summary',
  name: 'executive-summary',
  body,
};

function body({ report }: Source<WideReport>): Html {
  const { ok, error, partial } = report.sessions_by_status;
  const { states } = report.audit_log;
  const alerts = wideAlertsOf(report);
  return html`<div class="tiles">
${tile(number(report.sessions_total), `verified ${report.sessions_total === 1 ? 'session' : 'sessions'}`)}
${tile(number(report.redaction_count), report.redaction_count === 1 ? 'redaction' : 'redactions')}
${tile(number(report.exceptions.length), report.exceptions.length === 1 ? 'exception' : 'exceptions')}
${coverageTile(report)}
</div>
${factTable('Figures', [
  ['Sessions by status', `${number(ok)} ok, ${number(error)} error, ${number(partial)} partial`],
  [
    'Logs by state',
    `${number(states.sealed)} sealed, ${number(states.unsealed)} unsealed, ${number(states.open)} open`,
  ],
  ['Agents', number(report.redactions_by_agent.length)],
  ['Policies in force', number(report.policies.length)],
  ['Coverage computed from', sentence(report.safe_harbor_detail.basis)],
])}<h3>Alerts</h3>
${alerts.length === 0 ? html`<p>None. This report looks for: ${WIDE_CONDITIONS}.</p>` : alertList(alerts)}
`;
}
