import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { barChart, isWhole } from '../markup/bar-chart.ts';
import { type Html, html } from '../markup/html.ts';
import { counted, dataTable, mostFrequent, name, number } from '../markup/parts.ts';
import { namesLimit } from './names-limit.ts';
import type { SharedSection, Source } from './section.ts';

export const redactions: SharedSection = {
  title: 'Redactions by kind and by pass',
  name: 'redactions',
  body,
};

function body({ report }: Source<AnyReport>): Html {
  const { redactions_by_kind: byKind, redactions_by_pass: byPass } = report;
  const limit = namesLimit(report);
  if (report.redaction_count === 0) return html`<p>${holds(report)} no redaction.</p>`;
  const bars = [...byKind];
  return html`<div class="beside">
<div class="first">${barChart('Redactions by kind', bars)}</div>
<div>${countTable('Redactions by detection pass', 'Pass', byPass, limit)}</div>
</div>
${isWhole(bars) ? '' : countTable('Redactions by kind', 'Kind', byKind, limit)}`;
}

function holds({ scope }: AnyReport): string {
  return scope === 'session' ? 'The log holds' : 'The logs hold';
}

function countTable(
  caption: string,
  label: string,
  counts: ReadonlyMap<string, number>,
  limit: number,
): Html {
  const sorted = mostFrequent(counts);
  const rows = sorted.slice(0, limit).map(([key, count]) => [name(key), number(count)]);
  const rest = sorted.slice(limit);
  const restCount = rest.reduce((sum, [, count]) => sum + count, 0);
  const table = dataTable(
    { caption, columns: [{ label }, { label: 'Redactions', kind: 'number' }], name: 'counts' },
    rows,
  );
  if (rest.length === 0) return table;
  return html`${table}<p>${counted(rest.length, 'more name')} with ${counted(restCount, 'redaction')} in the attached JSON.</p>\n`;
}
