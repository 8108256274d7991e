import { type Html, html } from '../markup/html.ts';
import { name, number, sentence, textBlock } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const transcripts: Section = { title: 'Sample masked transcripts', name: 'transcripts', body };

/** Lines of one sample. */
const LINES_LIMIT = 60;

function body({ report: { sample_transcripts: sample } }: Source): Html {
  const { statement, samples, texts_total: total } = sample;
  const label = html`<p class="caveat">${sentence(statement)}</p>\n`;
  if (samples.length === 0) return label;
  return html`${label}<p>${number(samples.length)} of ${number(total)} masked texts, in the order of their places in the
logged payload.</p>
${samples.map(presentSample)}`;
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
