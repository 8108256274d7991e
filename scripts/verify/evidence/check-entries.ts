// The axis `entries`: the audit log's entries give what the report states.
import type { JsonValue } from '../../../shared/audit/canonical-json.ts';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { type Entry, REDACTION, readEntry } from '../../../shared/audit/entry.ts';
import { computeRoot } from '../../../shared/merkle/root.ts';
import { windowRoot } from '../../../shared/reports/window-root.ts';
import type { Evidence } from './open-report.ts';
import { at } from './read-json.ts';
import { holds, NO_STATEMENT, unchecked, type Verdict, wrong } from './verdict.ts';

/** Of a report on a session. */
export function checkEntries({ entries: texts, report }: Evidence): string {
  if (texts === null) return unchecked('there are no entries in it');
  const entries = readChain(texts, {
    from: 0,
    prevHashHex: ZERO_HASH_HEX,
    sessionId: report.get('session_id'),
    agentId: at(report, 'agent', 'id'),
  });
  const redactions = entries.filter(({ kind }) => kind === REDACTION);
  const head = entries.at(-1)?.thisHashHex ?? ZERO_HASH_HEX;
  expect('number of entries', at(report, 'audit_log', 'event_count'), entries.length);
  expect('last hash', at(report, 'audit_log', 'end_hash'), head);
  expect('root', report.get('merkle_root_hex'), rootHexOf(texts));
  expect('number of redactions', report.get('redaction_count'), redactions.length);
  expectCounts(
    'redactions_by_kind',
    report.get('redactions_by_kind'),
    redactions.map(({ entityKind }) => entityKind),
  );
  expectCounts(
    'redactions_by_pass',
    report.get('redactions_by_pass'),
    redactions.map(({ pass }) => pass),
  );
  return `${entries.length} entries give the root and the figures stated`;
}

/** The sum of counts by name; null for what is none, and where one of them is no number. */
function sumOf(counts: JsonValue | undefined): number | null {
  if (!(counts instanceof Map)) return null;
  const values = [...counts.values()];
  return values.every((each) => typeof each === 'number')
    ? values.reduce((total, each) => total + each, 0)
    : null;
}

export function rootHexOf(texts: readonly string[]): string {
  return Buffer.from(computeRoot(texts.map((text) => Buffer.from(text)))).toString('hex');
}

function expect(what: string, stated: JsonValue | undefined, found: string | number): void {
  if (stated !== found) wrong(`the report states another ${what} than ${found}`);
}

function expectCounts(what: string, stated: JsonValue | undefined, names: readonly (string | null)[]): void {
  const counts = countsOf(names);
  const isSame =
    stated instanceof Map &&
    stated.size === counts.size &&
    [...counts].every(([name, count]) => stated.get(name) === count);
  if (!isSame) wrong(`${what} is not what the entries give`);
}

function countsOf(names: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(`${name}`, (counts.get(`${name}`) ?? 0) + 1);
  return counts;
}

/** What entries that were verified decide, by the names that a report has for it. */
export function figuresOf(texts: readonly string[]): ReadonlyMap<string, JsonValue> {
  const entries = texts.flatMap((text) => readEntry(Buffer.from(text)) ?? []);
  const redactions = entries.filter(({ kind }) => kind === REDACTION);
  return new Map<string, JsonValue>([
    ['end_hash', entries.at(-1)?.thisHashHex ?? ZERO_HASH_HEX],
    ['redaction_count', redactions.length],
    ['redactions_by_kind', countsOf(redactions.map(({ entityKind }) => entityKind))],
    ['redactions_by_pass', countsOf(redactions.map(({ pass }) => pass))],
  ]);
}

export type Chain = Readonly<{
  from: number;
  /** Null where the entry before is not known. */
  prevHashHex: string | null;
  sessionId: JsonValue | undefined;
  agentId: JsonValue | undefined;
}>;

/** Entries that follow each other in one log. */
export function readChain(
  texts: readonly string[],
  { from, prevHashHex, sessionId, agentId }: Chain,
): Entry[] {
  let previous = prevHashHex;
  return texts.map((text, i) => {
    const entry = readEntry(Buffer.from(text)) ?? wrong(`entry ${from + i} is malformed`);
    if (entry.seq !== from + i) wrong(`entry ${from + i} has the seq ${entry.seq}`);
    if (entry.sessionId !== sessionId || entry.agentId !== agentId) wrong(`entry ${entry.seq} is foreign`);
    if (previous !== null && entry.prevHashHex !== previous)
      wrong(`entry ${entry.seq} does not follow the one before`);
    previous = entry.thisHashHex;
    return entry;
  });
}

/** A row of `sessions` of a report over many. */
export type Row = Readonly<{
  id: string;
  agentId: JsonValue | undefined;
  policySha256: JsonValue | undefined;
  status: JsonValue | undefined;
  startedAt: JsonValue | undefined;
  endedAt: JsonValue | undefined;
  rootHex: string;
  size: number;
  redactions: number;
  state: string;
  logIndex: number | null;
}>;

export function rowsOf({ report }: Evidence): Row[] {
  return (report.get('sessions') as JsonValue[]).map((row) => ({
    id: at(row, 'id') as string,
    agentId: at(row, 'agent_id'),
    policySha256: at(row, 'policy_sha256'),
    status: at(row, 'status'),
    startedAt: at(row, 'started_at'),
    endedAt: at(row, 'ended_at'),
    rootHex: at(row, 'root_hex') as string,
    size: at(row, 'entries') as number,
    redactions: at(row, 'redactions') as number,
    state: at(row, 'state') as string,
    logIndex: (at(row, 'log_index') as number | null | undefined) ?? null,
  }));
}

/** Of a report over many sessions. */
export function checkRows(evidence: Evidence, statement: Verdict): string {
  const { report } = evidence;
  const rows = rowsOf(evidence);
  if (rows.some(({ id }, i) => i > 0 && id <= (rows[i - 1] as Row).id))
    wrong('the sessions are not in the order of their ids, each once');
  const sum = (name: 'size' | 'redactions') => rows.reduce((total, row) => total + row[name], 0);
  expect('root', report.get('merkle_root_hex'), windowRoot(rows));
  expect('number of sessions', report.get('sessions_total'), rows.length);
  expect('number of walked sessions', at(report, 'audit_log', 'sessions_walked'), rows.length);
  expect('number of entries', at(report, 'audit_log', 'entries_read'), sum('size'));
  expect('number of redactions', report.get('redaction_count'), sum('redactions'));
  expect('number of complete sessions', at(report, 'completeness', 'sessions_walked'), rows.length);
  expect('number of complete entries', at(report, 'completeness', 'entries_read'), sum('size'));
  for (const name of ['redactions_by_kind', 'redactions_by_pass'])
    expect(`sum of ${name}`, sumOf(report.get(name)), sum('redactions'));
  if (!holds(statement)) unchecked(NO_STATEMENT);
  return `${rows.length} sessions give the root and the totals stated`;
}
