// The subject of a report: one session, an agent's sessions in a window, or all of the account's.

/** A window by the start of its sessions: `[since, until)`. */
export type ReportWindow = Readonly<{
  since: Date;
  until: Date;
  /** The IANA zone whose days the report counts by. */
  tz: string;
  /** The calendar period that was asked for, such as `2026-Q3`; null where times were given. */
  period: string | null;
}>;

/** Many sessions: an agent's or the account's. */
export type WideSubject =
  | Readonly<{ scope: 'agent'; agentId: string; window: ReportWindow }>
  | Readonly<{ scope: 'account'; window: ReportWindow }>;

/** What a report is about. */
export type ReportSubject = Readonly<{ scope: 'session'; sessionId: string }> | WideSubject;

/** The scopes of reports. */
export const REPORT_SCOPES = ['session', 'agent', 'account'] as const;
/** One of `REPORT_SCOPES`. */
export type ReportScope = (typeof REPORT_SCOPES)[number];

/** The name of a report's file without its extension, made of ids and digits alone. */
export function fileStem(subject: ReportSubject, accountId: string): string {
  if (subject.scope === 'session') return `masker-session-${subject.sessionId}`;
  const id = subject.scope === 'agent' ? subject.agentId : accountId;
  const { since, until, period } = subject.window;
  return `masker-${subject.scope}-${id}-${windowName(since.toISOString(), until.toISOString(), period)}`;
}

/** A window as a file's name has it: the calendar period that was asked for, or the days of its two ends, ISO 8601 UTC. */
export function windowName(since: string, until: string, period: string | null): string {
  return period ?? `${since.slice(0, 10)}-to-${until.slice(0, 10)}`;
}
