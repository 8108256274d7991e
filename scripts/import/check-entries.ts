// Passes each entry of `audit.ndjson` to the check of its session's log, and says which entries belong to none.
import { basename } from 'node:path';
import { ENTRY_LIMIT } from '../../shared/audit/chain.ts';
import { describeLineEncoding } from './encoding.ts';
import { LineForms } from './line-forms.ts';
import type { LogCheck } from './log-check.ts';
import { NAMED, nameSome, type Problems } from './problems.ts';
import { type Line, readLines } from './read-lines.ts';
import { readRouted } from './route-entry.ts';
import { UnknownMembers } from './unknown-members.ts';

export type EntryCounts = Readonly<{
  /** Lines of `audit.ndjson`. */
  total: number;
  /** Entries of sessions that no row names: without a row they cannot be imported. */
  withoutRow: number;
}>;

export async function checkEntries(
  path: string,
  {
    logs,
    refused,
    problems,
  }: Readonly<{
    logs: ReadonlyMap<string, LogCheck>;
    refused: ReadonlySet<string>;
    problems: Problems;
  }>,
): Promise<EntryCounts> {
  let total = 0;
  let unreadLines = 0;
  let withoutRow = 0;
  const sessionsWithoutRow = new Set<string>();
  const unknown = new UnknownMembers();
  const forms = new LineForms();
  const noteForm = forms.note.bind(forms);
  for await (const lines of readLines(path, ENTRY_LIMIT, { noteForm })) {
    for (const line of lines) {
      total += 1;
      const routed = readRouted(line.bytes);
      if (routed === null) {
        unreadLines += 1;
        if (unreadLines <= NAMED) problems.add(`${line.file}:${line.number}`, describeUnread(line));
        continue;
      }
      const { sessionId, members } = routed;
      const log = logs.get(sessionId);
      if (log) {
        log.take(line);
        unknown.note(members, line);
      } else if (!refused.has(sessionId)) {
        withoutRow += 1;
        if (sessionsWithoutRow.size <= KEPT_SESSIONS) sessionsWithoutRow.add(sessionId);
      }
    }
  }
  const file = basename(path);
  if (unreadLines > NAMED)
    problems.add(file, `${unreadLines - NAMED} more lines: each is not an audit entry of a session`);
  forms.warn(file, problems);
  if (withoutRow > 0) problems.add(file, describeLost(withoutRow, sessionsWithoutRow));
  unknown.warn(file, problems);
  return { total, withoutRow };
}

function describeUnread({ bytes }: Line): string {
  if (bytes === null) return `is longer than ${ENTRY_LIMIT} bytes, and so no audit entry`;
  return describeLineEncoding(bytes) ?? 'is not an audit entry of a session';
}

/** Ids of sessions without a row that are told apart. Anybody can make up as many as there are lines. */
const KEPT_SESSIONS = 10_000;

function describeLost(entries: number, sessions: ReadonlySet<string>): string {
  const count = sessions.size > KEPT_SESSIONS ? `more than ${KEPT_SESSIONS}` : sessions.size;
  return (
    `${entries} entries of ${count} sessions belong to no row of sessions.ndjson that can be read: ` +
    `${nameSome(sessions)}; they are not imported: export the account again with all its rows`
  );
}
