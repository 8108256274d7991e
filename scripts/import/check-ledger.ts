// The first pass over a bundle's ledger: holds each row against itself, the other rows, the bundle and its account log, before
// anything is written.
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { parseReport, reportLine } from '../bundle/report-line.ts';
import { assertSameAccount } from './bundle-agents.ts';
import { type CheckedAgainst, findReportProblem, isSignedEntry } from './check-report.ts';
import { statementsSignedBy } from './check-statements.ts';
import { LineForms } from './line-forms.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type CheckedLedger = Readonly<{
  /** Numbers of lines that are refused. */
  refused: ReadonlySet<number>;
  /** Rows whose statements name this deployment's key and origin; rows with statements of others. */
  ours: number;
  others: number;
  /** Rows that this deployment signed for an entry that the bundle's account log lacks. */
  unlogged: number;
  /** One more than the last entry of the account log that a row names; 0 where none does. */
  namedSize: number;
  /** When sessions started, by id, as rows of reports on them say that this deployment signed. */
  starts: ReadonlyMap<string, Date>;
}>;

export const NO_LEDGER: CheckedLedger = {
  ...{ refused: new Set(), ours: 0, others: 0, unlogged: 0, namedSize: 0 },
  starts: new Map(),
};

/**
 * Adds a problem for each row that cannot be taken. Throws a `RefusedBundle` for a row of another account, and for a file that
 * cannot be read to its end.
 */
export async function checkLedger(
  path: string,
  against: CheckedAgainst,
  problems: Problems,
): Promise<CheckedLedger> {
  const { identity, accountId, log } = against;
  const refused = new Set<number>();
  const seen = new Map<string, Readonly<{ number: number; digest: string }>>();
  const counts = { ours: 0, others: 0, unlogged: 0, namedSize: 0 };
  const starts = new Map<string, Date>();
  const forms = new LineForms();
  for await (const lines of readLines(path, ROW_LIMIT, { noteForm: forms.note.bind(forms) })) {
    for (const { file, number, bytes } of lines) {
      const refuse = (problem: string, at = number) => {
        refused.add(at);
        problems.add(`${file}:${at}`, problem);
      };
      const row = bytes ? parseReport(bytes) : TOO_LONG;
      if (!row.ok) {
        refuse(row.problem);
        continue;
      }
      const { entry } = row;
      const { id, logIndex = -1 } = entry;
      assertSameAccount(accountId, row.accountId, `${file}:${number}`);
      const signedBy = statementsSignedBy(identity, accountId, entry);
      if (signedBy !== 'unknown') counts[signedBy] += 1;
      const isSigned = isSignedEntry(against, entry);
      if (isSigned && log?.reports.has(id) !== true) counts.unlogged += 1;
      if (isSigned && entry.sessionId !== null) starts.set(entry.sessionId, entry.since);
      counts.namedSize = Math.max(counts.namedSize, logIndex + 1);
      const digest = hash('sha256', reportLine(accountId, entry));
      const first = seen.get(id);
      const problem = first?.digest === digest ? TWICE : findReportProblem(against, entry);
      if (problem !== null) refuse(`${id}: ${problem}`);
      if (first === undefined) seen.set(id, { number, digest });
      else if (first.digest !== digest) {
        refuse(`${id}: ${otherwise(first.number)}`);
        refuse(`${id}: ${otherwise(number)}`, first.number);
      }
    }
  }
  forms.warn(basename(path), problems);
  return { refused, ...counts, starts };
}

/** The rows that were not refused. */
export async function* readChecked(
  path: string,
  { refused }: Pick<CheckedLedger, 'refused'>,
): AsyncGenerator<Readonly<{ place: string; entry: LedgerEntry }>> {
  for await (const lines of readLines(path, ROW_LIMIT)) {
    for (const { file, number, bytes } of lines) {
      const row = bytes && !refused.has(number) ? parseReport(bytes) : null;
      if (row?.ok) yield { place: `${file}:${number}`, entry: row.entry };
    }
  }
}

const TOO_LONG = { ok: false, problem: `longer than ${ROW_LIMIT} bytes` } as const;
const TWICE = 'is listed twice: the first row is taken';

function otherwise(line: number): string {
  return `line ${line} has another row of this report: neither is imported; keep the one that was exported`;
}
