import { type Html, html } from '../markup/html.ts';
import { counted, factTable, number, sentence, status } from '../markup/parts.ts';
import { type Alert, alertsOf, CONDITIONS } from './alerts.ts';
import type { Section, Source } from './section.ts';

export const executiveSummary: Section = { title: 'Executive summary', name: 'executive-summary', body };

function body({ report }: Source): Html {
  const { identifiers, caveat, basis } = report.safe_harbor_detail;
  const applicable = identifiers.filter((identifier) => identifier.applicable);
  const withStatus = (wanted: string) =>
    applicable.filter((identifier) => identifier.status === wanted).length;
  const alerts = alertsOf(report);
  return html`<div class="tiles">
${tile(number(report.redaction_count), report.redaction_count === 1 ? 'redaction' : 'redactions')}
${tile(`${withStatus('full')} of ${applicable.length}`, 'applicable identifiers fully covered')}
${tile(number(alerts.length), alerts.length === 1 ? 'alert' : 'alerts')}
</div>
${factTable('Figures', [
  ['Entries in the log', number(report.events_total)],
  ['Redactions', `${number(report.redaction_count)}, of ${counted(report.redactions_by_kind.size, 'kind')}`],
  [
    'Safe Harbor coverage',
    `${withStatus('full')} full, ${withStatus('partial')} partial, ${withStatus('none')} none, of ` +
      `${applicable.length} applicable identifiers; ${identifiers.length - applicable.length} not applicable`,
  ],
  ['Computed from', sentence(basis)],
  ['Rehydration failures', number(report.leak_detection.rehydration_failures)],
  ['Hash chain', status(sentence(report.audit_log.chain), 'good')],
  ['Audit log', sentence(report.audit_log.state)],
])}<p class="caveat">${caveat}</p>
<h3>Alerts</h3>
${alerts.length === 0 ? html`<p>None. This report looks for: ${CONDITIONS}.</p>` : alertList(alerts)}
`;
}

/** A figure in large type, and what it counts. */
export function tile(figure: string, words: string): Html {
  return html`<p class="tile"><span class="figure">${figure}</span><br>${words}</p>`;
}

/** What a reader has to know first. */
export function alertList(alerts: readonly Alert[]): Html {
  return html`<ul class="alerts">
${alerts.map(({ what, detail }) => html`<li><span class="strong">${what}.</span> ${detail}</li>\n`)}</ul>`;
}
