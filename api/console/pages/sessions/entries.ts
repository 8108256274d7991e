import { REDACTION } from '../../../../shared/audit/entry.ts';
import type { EntryView, ViewedEntry } from '../../../../workers/reports/pool.ts';
import { filterForm, select } from '../../markup/form.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { inPlace, partAttributes } from '../../markup/part.ts';
import { table } from '../../markup/table.ts';
import { exactTime } from '../../markup/time.ts';

/** Which entries the page shows, and how. */
export type ShownEntries = Readonly<{
  entity_kind?: string | undefined;
  pass?: string | undefined;
  from_seq?: number | undefined;
  timeZone: string;
  /** Whether each entry has a proof. */
  isProvable: boolean;
}>;

const PART = 'entries-shown';

export function entriesSection(sessionId: string, view: EntryView, shown: ShownEntries): Html {
  const path = `/sessions/${sessionId}`;
  const kinds = view.redactionsByKind.map(([kind]) => kind);
  const passes = view.redactionsByPass.map(([pass]) => pass);
  const count = `${formatCount(view.matching)} of ${formatCount(view.total)} entries`;
  const words = {
    announce: count,
    failed: 'The entries could not be loaded',
    older: 'The entries below are from before, not what was chosen now.',
  };
  return html`<section id="entries" aria-labelledby="entries-heading">
<h2 id="entries-heading">Entries of the log</h2>
${filterForm(path, [choice('entity_kind', 'Kind', kinds, shown.entity_kind), choice('pass', 'Pass', passes, shown.pass)], PART)}
<div ${partAttributes(PART, words)}>
${entryTable(sessionId, view, shown, count)}
${pages(path, view, shown)}
</div>
</section>`;
}

function choice(name: string, label: string, values: readonly string[], chosen: string | undefined): Html {
  const known = chosen === undefined || values.includes(chosen) ? values : [...values, chosen];
  const options = known.map((value) => ({ value, label: value }));
  return select(name, label, [{ value: '', label: 'Any' }, ...options], chosen);
}

function entryTable(
  sessionId: string,
  { entries }: EntryView,
  { timeZone, isProvable }: ShownEntries,
  count: string,
): Html {
  return table(
    entries,
    [
      { heading: 'Seq', holds: 'number', cell: ({ seq }) => seq },
      { heading: 'Time', cell: ({ ts }) => exactTime(ts, timeZone) },
      { heading: 'What', cell: describeKind },
      { heading: 'Kind', cell: ({ entityKind }) => entityKind ?? '–' },
      { heading: 'Pass', cell: ({ pass }) => pass ?? '–' },
      { heading: 'Span', holds: 'number', cell: ({ span }) => (span ? `${span[0]}–${span[1]}` : '–') },
      { heading: 'Confidence', holds: 'number', cell: ({ confidence }) => confidence?.toFixed(2) ?? '–' },
      { heading: 'Token', cell: ({ tokenKind }) => tokenKind ?? '–' },
      { heading: 'Event', cell: ({ eventId }) => html`<code>${eventId}</code>` },
      ...(isProvable ? [{ heading: 'Proof', cell: proofOf(sessionId) }] : []),
    ],
    { caption: `${count}. Times are in ${timeZone}.`, empty: `No entry matches. The log holds ${count}.` },
  );
}

function proofOf(sessionId: string): (entry: ViewedEntry) => Html {
  return ({ seq }) =>
    html`<a href="/api/v1/sessions/${sessionId}/events/${seq}/proof" aria-label="Proof of entry ${seq}">Proof</a>`;
}

function describeKind({ kind }: ViewedEntry): string {
  return kind === REDACTION ? 'masked' : kind.replaceAll('_', ' ');
}

function pages(
  path: string,
  { nextSeq }: EntryView,
  { entity_kind, pass, from_seq = 0 }: ShownEntries,
): Html {
  const kept = { ...(entity_kind && { entity_kind }), ...(pass && { pass }) };
  const link = (id: string, label: string, query: Readonly<Record<string, string>>) => {
    const href = `${path}?${new URLSearchParams({ ...kept, ...query })}`;
    return html`<a id="${id}" class="button" href="${href}#entries" ${inPlace(href, PART)}>${label}</a>`;
  };
  if (from_seq === 0 && nextSeq === null) return nothing;
  return html`<nav class="pager" aria-label="Pages of entries">
${from_seq === 0 ? nothing : link('first-entries', 'First entries', {})}
${nextSeq === null ? nothing : link('next-entries', 'Next entries', { from_seq: String(nextSeq) })}
</nav>`;
}
