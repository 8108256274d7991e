// The axes `log` and `completeness` of a report over many sessions.
import { hashLeaf } from '../../../shared/merkle/hash.ts';
import { rootFromMultiproof } from '../../../shared/merkle/verify-proof.ts';
import type { VerifierKey } from '../../../shared/transparency/verifier-key.ts';
import { type Row, rowsOf } from './check-entries.ts';
import { checkMembers, present, readCheckpoint, readClosed, type SignedLog, stateOf } from './check-log.ts';
import { describeKey, signedBy } from './check-statement.ts';
import type { Evidence } from './open-report.ts';
import { at, readHashes, timeOf } from './read-json.ts';
import { hasFailed, holds, NO_STATEMENT, unchecked, type Verdict, wrong } from './verdict.ts';

export function checkLinesLogged(
  evidence: Evidence,
  keys: readonly VerifierKey[],
  seen: SignedLog[],
  statement: Verdict,
): string {
  const { report, lines } = evidence;
  const stated = report.get('evidence') ?? null;
  if (stated === null)
    return unchecked(`no evidence of the log: ${report.get('evidence_missing') ?? 'without a reason'}`);
  checkMembers(stated, 'checkpoint,log_size,origin,verifier_key');
  const log = readCheckpoint(at(stated, 'checkpoint'));
  if (log.size !== at(stated, 'log_size')) wrong('the evidence states another size than its checkpoint');
  if (log.origin !== at(stated, 'origin')) wrong('the evidence states another origin than its checkpoint');
  if (lines !== null) compareLines(evidence, log);
  const key = signedBy(log.note, log.origin, keys, 'the checkpoint');
  if (lines === null) return unchecked('the lines of the log are in the PDF alone');
  if (lines.length === 0 && !holds(statement)) return unchecked('no line of the log is about this report');
  seen.push(log);
  const { closed, missing } = unloggedOf(evidence);
  const rest = `; ${missing.length} of the ${closed.length} sessions that the report calls ended or sealed have no line here`;
  return `${lines.length} lines of ${log.size}, signed by ${describeKey(key)}${missing.length > 0 ? rest : ''}`;
}

/** The rows that are not open, and those of them without a line of the account log. */
function unloggedOf(evidence: Evidence): Readonly<{ closed: readonly Row[]; missing: readonly Row[] }> {
  const there = new Set(evidence.multiproof?.indexes);
  const closed = rowsOf(evidence).filter(({ state }) => state !== 'open');
  return { closed, missing: closed.filter(({ logIndex }) => logIndex === null || !there.has(logIndex)) };
}

function compareLines(evidence: Evidence, log: SignedLog): void {
  const { report, lines, multiproof } = evidence;
  if (lines === null || multiproof === null) return;
  const { indexes, size } = multiproof;
  const root = rootFromMultiproof({
    indexes,
    leafHashes: lines.map((line) => hashLeaf(Buffer.from(line))),
    size,
    hashes: readHashes(multiproof.hashes, 'the multiproof'),
  });
  if (size !== log.size || root === null || Buffer.compare(root, log.root) !== 0) {
    wrong('the lines are not proven to be under the checkpoint');
  }
  const rows = new Map<number, Row>();
  for (const row of rowsOf(evidence)) {
    if (row.logIndex === null) continue;
    if (rows.has(row.logIndex)) wrong(`two sessions are entry ${row.logIndex}`);
    rows.set(row.logIndex, row);
  }
  for (const [i, line] of lines.entries()) {
    const closed = readClosed(line);
    const row = rows.get(indexes[i] as number);
    const agrees =
      closed.session_id === row?.id &&
      closed.merkle_root_hex === row.rootHex &&
      closed.size === row.size &&
      closed.agent_id === row.agentId &&
      closed.policy_sha256 === row.policySha256 &&
      closed.status === row.status &&
      present(closed.started_at) === row.startedAt &&
      present(closed.ended_at) === row.endedAt &&
      stateOf(closed) === row.state &&
      closed.account_id === at(report, 'account', 'id');
    if (!agrees) wrong(`line ${i + 1} of the log is not what the report says of entry ${indexes[i]}`);
  }
}

export function checkAllLogged(
  evidence: Evidence,
  entries: Verdict,
  log: Verdict,
  statement: Verdict,
): string {
  if (hasFailed(log)) return unchecked('the log failed');
  if ((evidence.report.get('evidence') ?? null) === null) return unchecked('there is no evidence of the log');
  if (evidence.multiproof === null) return unchecked('the lines of the log are in the PDF alone');
  if (hasFailed(entries)) return unchecked('the sessions failed');
  if (!wasOver(evidence))
    return unchecked('the report does not show that its window was over when it was made');
  const uncovered = listUncovered(evidence);
  if (uncovered !== '') return unchecked(`the report names sessions that it does not cover: ${uncovered}`);
  const { closed, missing } = unloggedOf(evidence);
  if (missing.length > 0)
    return unchecked(
      `${missing.length} closed sessions are not shown to be in the log, ${missing[0]?.id} first`,
    );
  const unsealed = (evidence.lines ?? []).map(readClosed).filter(({ seal }) => seal === null);
  if (unsealed.length > 0)
    return unchecked(
      `${unsealed.length} closed sessions are unsealed, ${unsealed[0]?.session_id} first: their tails may have been cut`,
    );
  if (!holds(statement)) unchecked(NO_STATEMENT);
  return `all ${closed.length} closed sessions are sealed and in the log`;
}

/** Sessions may still come into a window that goes on when the report is made. */
function wasOver({ report }: Evidence): boolean {
  const [until, madeAt] = [timeOf(at(report, 'window', 'until')), timeOf(report.get('generated_at'))];
  return until !== null && madeAt !== null && until <= madeAt;
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

/** What a report says of sessions of its window that are in none of its totals. */
function listUncovered({ report }: Evidence): string {
  const lists = [
    ['deleted, though the log has them', at(report, 'completeness', 'sessions_missing')],
    ['deleted while it was made', at(report, 'completeness', 'sessions_gone')],
    ['exceptions', at(report, 'exceptions')],
  ] as const;
  return lists
    .filter(([, list]) => !isEmpty(list ?? []))
    .map(([what, list]) => `${Array.isArray(list) ? list.length : 'some'} ${what}`)
    .join(', ');
}
