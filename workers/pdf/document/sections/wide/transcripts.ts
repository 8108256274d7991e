import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, id, name, number, sentence, textBlock } from '../../markup/parts.ts';
import type { Section, Source } from '../section.ts';

export const wideTranscripts: Section<WideReport> = {
  title: 'Sample masked transcripts',
  name: 'transcripts',
  body,
};

/** Lines of one sample. */
const LINES_LIMIT = 12;

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
  return html`<div class="sample">
<p class="place">${index + 1}. ${id(session_id)} at ${name(path)}</p>
${textBlock(text, LINES_LIMIT)}${truncated ? html`<p>The logged text goes on.</p>\n` : ''}</div>
`;
}
