import type { Report } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { counted, name, number, sentence, textBlock } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const transcripts: Section = { title: 'Sample masked transcripts', name: 'transcripts', body };

/** Lines of one sample. */
const LINES_LIMIT = 60;

function body({ report: { sample_transcripts: sample } }: Source): Html {
  const { statement, samples, texts_total: total } = sample;
  const label = html`<p class="caveat">${sentence(statement)}</p>\n${leftOut(sample)}`;
  if (samples.length === 0) return label;
  return html`${label}<p>${number(samples.length)} of ${number(total)} masked texts, in the order of their places in the
logged payload.</p>
${samples.map(presentSample)}`;
}

function leftOut({
  left_out: { may_leak: leaking, over_bound: over },
}: Report['sample_transcripts']): Html[] {
  const sentences: Html[] = [];
  if (leaking > 0) {
    sentences.push(html`<p>${counted(leaking, 'masked text')} left out: each may hold an identifier, or what was masked
elsewhere.</p>\n`);
  }
  if (over > 0) {
    sentences.push(html`<p>${counted(over, 'logged text')} not compared to the end, since that would take more steps than
its length allows: what masking replaced there is not known, and was not looked for in this report.</p>\n`);
  }
  return sentences;
}

function presentSample(
  { path, text, truncated }: { path: string; text: string; truncated: boolean },
  index: number,
): Html {
  return html`<div class="sample">
<p class="place">${index + 1}. At ${name(path)}</p>
${textBlock(text, LINES_LIMIT)}${truncated ? html`<p>The logged text goes on.</p>\n` : ''}</div>
`;
}
