// What the two real exports say of their sessions, read line by line and without any of the program's own code.
import { type ExportName, readExport } from './exports.ts';

export type NaiveSession = Readonly<{
  id: string;
  agentId: string;
  startedAt: string;
  /** The UTC hour it started in, ISO. */
  hour: string;
  durationMs: number;
  status: string;
  redactions: readonly Readonly<{ kind: string; pass: string }>[];
  rehydrationFailures: number;
  entryCount: number;
}>;

type Line = Readonly<{ kind: string; entity_kind: string; pass: string }>;

/** The sessions that have ended. */
export function readNaiveSessions(name: ExportName): NaiveSession[] {
  const { sessions, entries } = readExport(name);
  return sessions.flatMap((session) => {
    if (!session.ended_at) return [];
    const lines = (entries.get(session.id) ?? []).map((line) => JSON.parse(line.toString()) as Line);
    return {
      id: session.id,
      agentId: session.agent_id,
      startedAt: session.started_at,
      hour: `${session.started_at.slice(0, 13)}:00:00.000Z`,
      durationMs: (session as unknown as { duration_ms: number }).duration_ms,
      status: session.status,
      redactions: lines
        .filter(({ kind }) => kind === 'redaction')
        .map((line) => ({ kind: line.entity_kind, pass: line.pass })),
      rehydrationFailures: lines.filter(({ kind }) => kind === 'rehydration_failed').length,
      entryCount: lines.length,
    };
  });
}

/** How often each name occurs, as pairs sorted by name. */
export function countNames(names: readonly string[]): [name: string, count: number][] {
  return [...new Set(names)].sort().map((name) => [name, names.filter((each) => each === name).length]);
}
