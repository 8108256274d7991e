import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, id, name, number, sentence, textBlock } from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import type { Section, Source } from '../section.ts';

export const wideTranscripts: Section<WideReport> = {
  title: 'Sample masked transcripts',
  name: 'transcripts',
  body,
};

/** Lines and code points of one sample. */
const LINES_LIMIT = 6;
const LENGTH_LIMIT = 280;

function body({ report: { sample_transcripts: sample } }: Source<WideReport>): Html {
  const { statement, sessions_considered: considered, sessions_without: without, samples } = sample;
  return html`<p class="caveat">${sentence(statement)}</p>
<p>${counted(considered, 'session')} looked at, in the order of SHA-256 over the root and the session's id; of
${number(without)} no text may be shown.</p>
${samples.map(present)}`;
}

function present(
  { session_id, path, text, truncated }: WideReport['sample_transcripts']['samples'][number],
  index: number,
): Html {
  const shown = shorten(text, LENGTH_LIMIT);
  const more = shown === text ? 'The logged text goes on.' : 'The attached JSON has more of this text.';
  return html`<div class="sample">
<p class="place">${index + 1}. ${id(session_id)} at ${name(path)}</p>
${textBlock(shown, LINES_LIMIT)}${truncated || shown !== text ? html`<p>${more}</p>\n` : ''}</div>
`;
}
