import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { number } from '../markup/parts.ts';
import { type Alert, alertsOf, CONDITIONS } from './alerts.ts';
import type { Section, Source } from './section.ts';
import { countCoverage } from './verdict.ts';

export const executiveSummary: Section = { title: 'Executive summary', name: 'executive-summary', body };

function body({ report }: Source): Html {
  const alerts = alertsOf(report);
  const failures = report.leak_detection.rehydration_failures;
  return html`<div class="tiles">
${tile(number(report.events_total), report.events_total === 1 ? 'entry in the log' : 'entries in the log')}
${tile(number(report.redaction_count), report.redaction_count === 1 ? 'redaction' : 'redactions')}
${tile(number(failures), failures === 1 ? 'rehydration failure' : 'rehydration failures')}
${coverageTile(report)}
</div>
<h3>Alerts</h3>
${alerts.length === 0 ? html`<p>None. This report looks for: ${CONDITIONS}.</p>` : alertList(alerts)}
`;
}

/** The coverage by status; the matrix has each identifier. */
export function coverageTile(report: AnyReport): Html {
  const { full, partial, none, applicable } = countCoverage(report);
  return tile(
    `${full} of ${applicable}`,
    `applicable identifiers fully covered; ${partial} partial, ${none} none`,
  );
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
