// What the form "Make a report" sends, and the report that it asks for.
import { z } from 'zod';
import { ID_PATTERNS } from '../../../../shared/audit/ids.ts';
import { isPaper, type Paper } from '../../../../shared/reports/paper.ts';
import { resolveReportWindow, type WindowQuery } from '../../../../shared/reports/report-window.ts';
import { WIDE_FORMATS, type WideFormat } from '../../../../shared/reports/wide-formats.ts';
import { isTimeZone, parsePeriod } from '../../../../shared/time/local-buckets.ts';
import { periodAt, WHEN } from './windows.ts';

const field = z.string('Each field of the form is sent once.').optional();

/** Any text is taken: the form is shown again with what is wrong in it. Fields that its choices hide are not looked at. */
export const orderFields = z.object({
  scope: field,
  agent_id: field,
  session_id: field,
  when: field,
  from: field,
  to: field,
  tz: field,
  format: field,
  paper: field,
  exceptions: field,
});

export type OrderFields = z.output<typeof orderFields>;

/** A report as it was asked for. Nobody has looked yet whether the agent or the session exists. */
export type AskedReport = AskedOf &
  Readonly<{ /** The account's where it is left out. */ paper: Paper | undefined }>;

type AskedOf =
  | Readonly<{ scope: 'session'; sessionId: string; format: 'json' | 'pdf' }>
  | Readonly<{
      /** Null for the whole account. */
      scope: 'wide';
      agentId: string | null;
      window: WindowQuery;
      format: WideFormat;
      exceptions: 'refuse' | 'list';
    }>;

/** The report, or what is wrong and what to do: safe to show. */
export type ReadOrder = Readonly<{ ok: true; asked: AskedReport }> | Readonly<{ ok: false; problem: string }>;

/** Reads the form at a time. Pure. What was left out is the form's own default, and `timeZone` for the zone. */
export function readOrder(fields: OrderFields, timeZone: string, now: Date): ReadOrder {
  const { scope = 'account', agent_id = '', session_id = '' } = fields;
  const format = WIDE_FORMATS.find((each) => each === (fields.format ?? 'pdf'));
  if (format === undefined) return wrong('Choose a format: PDF, JSON or CSV.');
  const paper = (format === 'pdf' && fields.paper) || undefined;
  if (paper !== undefined && !isPaper(paper)) return wrong('Choose the paper from the list.');
  if (scope === 'session') return readSession(session_id.trim(), format, paper);
  if (scope !== 'account' && scope !== 'agent') {
    return wrong('Choose what the report is about: the whole account, one agent or one session.');
  }
  if (scope === 'agent' && !ID_PATTERNS.agent.test(agent_id)) return wrong('Choose the agent from the list.');
  const exceptions = fields.exceptions ?? 'refuse';
  if (exceptions !== 'refuse' && exceptions !== 'list') {
    return wrong('Choose what becomes of logs that are not verified: refuse the report, or list them.');
  }
  const window = readWindow(fields, fields.tz ?? timeZone, now);
  if ('problem' in window) return wrong(window.problem);
  return {
    ok: true,
    asked: { scope: 'wide', agentId: scope === 'agent' ? agent_id : null, window, format, exceptions, paper },
  };
}

function readSession(sessionId: string, format: WideFormat, paper: Paper | undefined): ReadOrder {
  if (!ID_PATTERNS.session.test(sessionId)) {
    return wrong('Give the id of the session as its page shows it: sess_ and 26 digits and capital letters.');
  }
  if (format === 'csv') {
    return wrong(
      'A report on one session is a PDF or JSON: CSV has a row a session, for agents and accounts.',
    );
  }
  return { ok: true, asked: { scope: 'session', sessionId, format, paper } };
}

function readWindow(
  { when: asked = 'last_month', from = '', to = '' }: OrderFields,
  tz: string,
  now: Date,
): WindowQuery | { problem: string } {
  const when = WHEN.find((each) => each === asked);
  if (when === undefined) return { problem: 'Choose a month, a quarter or your own dates.' };
  if (!isTimeZone(tz)) return { problem: 'Choose the time zone from the list.' };
  if (when !== 'own') return { period: periodAt(when, now, tz), tz };
  const [first, last] = [readDay(from, tz), readDay(to, tz)];
  if (!first || !last) return { problem: 'Give both dates of your own window, such as 2026-09-01.' };
  if (first.since > last.since)
    return { problem: 'The last day is before the first: exchange the two dates.' };
  if (first.since >= now)
    return { problem: 'The window begins in the future: choose a first day that has begun.' };
  const window = { since: { text: from, at: first.since }, until: last.until, tz };
  return resolveReportWindow(window, now).ok
    ? window
    : { problem: 'The window is longer than a year: choose dates that are a year apart at most.' };
}

function readDay(text: string, tz: string) {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parsePeriod(text, tz) : null;
}

function wrong(problem: string): ReadOrder {
  return { ok: false, problem };
}
