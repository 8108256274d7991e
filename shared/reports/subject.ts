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
  return `masker-${subject.scope}-${id}-${windowName(subject.window)}`;
}

function windowName({ since, until, period }: ReportWindow): string {
  const day = (time: Date) => time.toISOString().slice(0, 10);
  return period ?? `${day(since)}-to-${day(until)}`;
}
