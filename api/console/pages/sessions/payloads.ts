import type { SessionView } from '../../../../workers/reports/pool.ts';
import { type Html, html } from '../../markup/html.ts';
import { table } from '../../markup/table.ts';

type Payloads = NonNullable<SessionView['payloads']>;
type Pieces = Payloads['rows'][number]['request'];

/** What was said, side by side: before masking, as the language model got it, and what the caller heard. */
export function payloadsSection(payloads: SessionView['payloads'], maySee: boolean): Html {
  if (!maySee) return html`<h2>Payloads</h2>\n${WITHHELD}`;
  return html`<h2>Payloads</h2>
${payloads === null ? html`<p>None: the policy in force logs no payloads, or none are stored.</p>` : payloadTable(payloads)}`;
}

/** The same whether or not there are any. */
const WITHHELD = html`<p>Withheld: what was said in a call takes the permission <code>payloads:read</code>. Ask whoever runs
this service for a login that has it.</p>`;

function payloadTable({ rows, leftOut }: Payloads): Html {
  return html`<p class="notice">This is a conversation and may hold health data. What masking replaced is marked.</p>
${table(
  rows,
  [
    { heading: 'Where', cell: ({ path }) => html`<code>${path}</code>` },
    { heading: 'Request, before masking', holds: 'text', cell: ({ request }) => marked(request) },
    { heading: 'Request, as the model got it', holds: 'text', cell: ({ masked }) => marked(masked) },
    { heading: 'Response to the caller', holds: 'text', cell: ({ response }) => marked(response) },
  ],
  {
    caption: leftOut === 0 ? 'Texts of the payloads' : `Texts of the payloads; ${leftOut} more are not shown`,
    empty: 'The payloads hold no text.',
  },
)}`;
}

function marked(pieces: Pieces): Html {
  if (pieces === null) return html`–`;
  return html`${pieces.map(({ text, isMarked }) => (isMarked ? html`<mark>${text}</mark>` : text))}`;
}
