import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { dayChart } from '../../markup/day-chart.ts';
import { type Html, html } from '../../markup/html.ts';
import { counted, dataTable, id, name, number } from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import type { Section, Source } from '../section.ts';
import { ROW_NAME_LIMIT, whyNone } from './words.ts';

export const byDay: Section<WideReport> = { title: 'By day', name: 'by-day', body: dayBody };
export const byAgent: Section<WideReport> = { title: 'By agent', name: 'by-agent', body: agentBody };

/** Rows of the table of days. A longer window has one row a month. */
const DAYS_LIMIT = 62;
/** Rows of the table of agents. */
const AGENTS_LIMIT = 50;

function dayBody({ report }: Source<WideReport>): Html {
  const { redactions_by_day: days, window } = report;
  if (days.length === 0) return html`<p>The window holds no day.</p>`;
  const isLong = days.length > DAYS_LIMIT;
  const rows = isLong ? byMonth(days) : days;
  const caption = `Verified sessions and their redactions by ${isLong ? 'month' : 'day'} of the start, by the clocks of ${window.tz}`;
  const columns = [
    { label: isLong ? 'Month' : 'Day' },
    { label: 'Sessions', kind: 'number' },
    { label: 'Redactions', kind: 'number' },
  ] as const;
  const bars = days.map(({ day, redactions }) => [day, redactions] as const);
  return html`${dayChart('Redactions by day', bars)}${dataTable(
    { caption, columns, name: 'counts' },
    rows.map(({ day, sessions, redactions }) => [day, number(sessions), number(redactions)]),
  )}${isLong ? html`<p>Every day is in the attached JSON.</p>\n` : ''}`;
}

type Day = Readonly<{ day: string; sessions: number; redactions: number }>;

function byMonth(days: readonly Day[]): Day[] {
  return [...Map.groupBy(days, ({ day }) => day.slice(0, 7))].map(([day, found]) => ({
    day,
    sessions: found.reduce((sum, { sessions }) => sum + sessions, 0),
    redactions: found.reduce((sum, { redactions }) => sum + redactions, 0),
  }));
}

function agentBody({ report }: Source<WideReport>): Html {
  const { redactions_by_agent: agents } = report;
  if (agents.length === 0) return html`<p>${whyNone(report)}</p>`;
  const sorted = agents.toSorted((a, b) => b.redactions - a.redactions || (a.agent_id < b.agent_id ? -1 : 1));
  const shown = sorted.slice(0, AGENTS_LIMIT);
  const rest = sorted.length - shown.length;
  const columns = [
    { label: 'Agent' },
    { label: 'Sessions', kind: 'number' },
    { label: 'Entries', kind: 'number' },
    { label: 'Redactions', kind: 'number' },
  ] as const;
  const caption = 'Verified sessions by agent, most redactions first';
  return html`${dataTable(
    { caption, columns, name: 'agents' },
    shown.map(({ agent_id, name: agentName, sessions, entries, redactions }) => [
      html`${name(shorten(agentName, ROW_NAME_LIMIT))} <small>${id(agent_id)}</small>`,
      number(sessions),
      number(entries),
      number(redactions),
    ]),
  )}${rest > 0 ? html`<p>${counted(rest, 'more agent')} in the attached JSON.</p>\n` : ''}`;
}
