// The page of one session, from the question that a reader comes with, whether its log is well, to the single entry.
import { logStateOf } from '../../../../shared/audit/verdict.ts';
import { durationOf } from '../../../../shared/sessions/session.ts';
import type { SessionView } from '../../../../workers/reports/pool.ts';
import type { Actor } from '../../../http/context.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { logState, sessionStatus } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { formatDuration, storedTime } from '../../markup/time.ts';
import { maySee } from '../../page/may-see.ts';
import { entriesSection, type ShownEntries } from './entries.ts';
import { isProvable, type LogPlace, placeSection } from './log-place.ts';
import { payloadsSection } from './payloads.ts';
import { timelineSection } from './timeline.ts';
import { verdictSection } from './verdict.ts';

export type SessionViewOptions = Omit<ShownEntries, 'isProvable'> &
  Readonly<{
    actor: Actor;
    /** Null where the reader may not see the account log. */
    place: LogPlace | null;
    timeZone: string;
    at: Date;
  }>;

export async function sessionView(view: SessionView, options: SessionViewOptions): Promise<Html> {
  const { actor, place, timeZone, at } = options;
  const { id } = view.found.session;
  return html`${verdictSection(view, { timeZone, at })}
${maySee(actor, 'reports:read') ? reportButtons(id) : nothing}
${factsSection(view, timeZone)}
${place ? placeSection(id, place, timeZone) : nothing}
${stagesSection(view)}
${redactionsSection(view)}
${await timelineSection(view.entries, timeZone)}
${entriesSection(id, view.entries, { ...options, isProvable: isProvable(place) })}
${payloadsSection(view.payloads, maySee(actor, 'payloads:read'))}`;
}

function reportButtons(id: string): Html {
  const report = `/api/v1/sessions/${id}/report`;
  return html`<div class="buttons">
<a class="button" href="${report}?format=pdf" download>Download report (PDF)</a>
<a class="button" href="${report}?format=json" download="masker-session-${id}.json">Download report (JSON)</a>
</div>`;
}

function factsSection({ found, agentName }: SessionView, timeZone: string): Html {
  const { session } = found;
  const duration = durationOf(session);
  return html`<h2>Facts</h2>
${facts([
  ['Agent', html`<a href="/agents/${session.agentId}">${agentName}</a>`],
  ['Started', storedTime(session.startedAt, timeZone)],
  ['Ended', session.endedAt === null ? 'still open' : storedTime(session.endedAt, timeZone)],
  ['Duration', duration === null ? '–' : formatDuration(duration)],
  ['Outcome', sessionStatus(session.status)],
  ['Log', logState(logStateOf(session.log.seal, session.endedAt))],
  ['Policy', html`${session.policyName}, version ${session.policyVersion}`],
  ['Language model', session.upstreamModel],
  ...(session.externalId === undefined
    ? []
    : ([['External id', session.externalId]] satisfies [string, string][])),
  ...(session.metadata ?? []).map(([name, value]): [string, string] => [`Note: ${name}`, value]),
  ['Stored root', session.merkleRootHex === null ? 'none yet' : html`<code>${session.merkleRootHex}</code>`],
])}`;
}

/** Where the time of the call went. The bar of a stage is as long as its share of the longest. */
function stagesSection({ found }: SessionView): Html {
  const { stageDurationsMs: stages } = found.session;
  if (stages.length === 0) return nothing;
  const longest = Math.max(...stages.map(([, ms]) => ms), 1);
  return html`<h2>Where the time went</h2>
${table(
  stages,
  [
    { heading: 'Stage', cell: ([stage]) => stage },
    { heading: 'Time', holds: 'number', cell: ([, ms]) => formatDuration(ms) },
    {
      heading: 'Share of the longest',
      cell: ([stage, ms]) =>
        html`<meter min="0" max="${longest}" value="${ms}" aria-label="${stage}, share of the longest">${formatDuration(ms)}</meter>`,
    },
  ],
  { caption: 'Time in each stage of the call', empty: '' },
)}`;
}

function redactionsSection({ entries }: SessionView): Html {
  const total = entries.redactionsByKind.reduce((sum, [, count]) => sum + count, 0);
  return html`<h2>Redactions by kind</h2>
${table(
  entries.redactionsByKind,
  [
    { heading: 'Kind', cell: ([kind]) => kind },
    { heading: 'Redactions', holds: 'number', cell: ([, count]) => formatCount(count) },
  ],
  { caption: `${formatCount(total)} redactions, counted in the log`, empty: 'Nothing was redacted.' },
)}`;
}
