// The axis `entries`: the audit log's entries give what the report states.
import { canonicalize, type JsonObject, type JsonValue } from '../../../shared/audit/canonical-json.ts';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { REDACTION, readEntry } from '../../../shared/audit/entry.ts';
import { computeRoot } from '../../../shared/merkle/root.ts';
import { windowRoot } from '../../../shared/reports/window-root.ts';
import type { Evidence } from './open-report.ts';
import { at, isCount } from './read-json.ts';
import { holds, NO_STATEMENT, unchecked, type Verdict, wrong } from './verdict.ts';

/** Of a report on a session. */
export function checkEntries({ entries: lines, report }: Evidence): string {
  if (lines === null) return unchecked('there are no entries in it');
  const figures = figuresOf(report, lines);
  expect('number of entries', at(report, 'audit_log', 'event_count'), lines.length);
  expect('last hash', at(report, 'audit_log', 'end_hash'), figures.get('end_hash'));
  expect('root', report.get('merkle_root_hex'), rootHexOf(lines));
  for (const name of ['redaction_count', 'redactions_by_kind', 'redactions_by_pass'])
    if (canonicalize(report.get(name)) !== canonicalize(figures.get(name)))
      wrong(`${name} is not what the entries give`);
  return `${lines.length} entries give the root and the figures stated`;
}

/** What the first entries of the report's session decide, by the names that the report has for it. */
export function figuresOf(report: JsonObject, lines: readonly Uint8Array[]): ReadonlyMap<string, JsonValue> {
  const [sessionId, agentId] = [report.get('session_id'), at(report, 'agent', 'id')];
  return walkChain(lines, { from: 0, prevHashHex: ZERO_HASH_HEX, sessionId, agentId });
}

/** The sum of counts by name; null for what is none, and where one of them is no whole number from 0 on. */
function sumOf(counts: JsonValue | undefined): number | null {
  if (!(counts instanceof Map)) return null;
  const values = [...counts.values()];
  return values.every(isCount) ? (values as number[]).reduce((total, each) => total + each, 0) : null;
}

export function rootHexOf(lines: readonly Uint8Array[]): string {
  return Buffer.from(computeRoot(lines)).toString('hex');
}

function expect(what: string, stated: JsonValue | undefined, found: JsonValue | undefined): void {
  if (stated !== found) wrong(`the report states another ${what} than ${found}`);
}

export type Chain = Readonly<{
  from: number;
  /** Null where the entry before is not known. */
  prevHashHex: string | null;
  sessionId: JsonValue | undefined;
  agentId: JsonValue | undefined;
}>;

/**
 * What entries that follow each other in one log decide, by the names that a report has for it. Keeps none of them: a
 * stranger's are as large as entries may be.
 */
export function walkChain(
  lines: readonly Uint8Array[],
  { from, prevHashHex, sessionId, agentId }: Chain,
): ReadonlyMap<string, JsonValue> {
  let previous = prevHashHex;
  let redactions = 0;
  const [kinds, passes] = [new Map<string, number>(), new Map<string, number>()];
  for (const [i, line] of lines.entries()) {
    const entry = readEntry(line) ?? wrong(`entry ${from + i} is malformed`);
    if (entry.seq !== from + i) wrong(`entry ${from + i} has the seq ${entry.seq}`);
    if (entry.sessionId !== sessionId || entry.agentId !== agentId) wrong(`entry ${entry.seq} is foreign`);
    if (previous !== null && entry.prevHashHex !== previous)
      wrong(`entry ${entry.seq} does not follow the one before`);
    previous = entry.thisHashHex;
    if (entry.kind !== REDACTION) continue;
    redactions += 1;
    count(kinds, `${entry.entityKind}`);
    count(passes, `${entry.pass}`);
  }
  return new Map<string, JsonValue>([
    ['end_hash', previous ?? ZERO_HASH_HEX],
    ['redaction_count', redactions],
    ['redactions_by_kind', kinds],
    ['redactions_by_pass', passes],
  ]);
}

function count(counts: Map<string, number>, name: string): void {
  const known = counts.get(name);
  // A copy: the engine's own piece of a text keeps the whole entry.
  counts.set(known === undefined ? Buffer.from(name).toString() : name, (known ?? 0) + 1);
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
