// Checks a report over many sessions against the database: every log that it names, the totals, the ledger.
import { availableParallelism } from 'node:os';
import { Tally } from '../../shared/audit/tally.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { findIssuedReport } from '../../shared/reports/fleet-ledger.ts';
import type { WalkedSession } from '../../shared/reports/window-facts.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { openIdentity } from '../../shared/transparency/open-signing.ts';
import { runInLanes } from '../batch/run-in-lanes.ts';
import { type Connected, connect } from '../command/connect.ts';
import { type LogVerifier, openVerifier } from '../command/open-verifier.ts';
import { startProgress } from '../command/progress.ts';
import { type Finding, failed, unverifiable, verified } from './axis.ts';
import { checkLedger } from './check-ledger.ts';
import { type StoreFindings, WITH_STORE } from './check-store.ts';
import { checkItself } from './check-wide-statements.ts';
import { findUnnamed } from './find-unnamed.ts';
import { issuedPdfOf } from './issued-pdf.ts';
import { differs, policiesOf, rebuild, toWalked, withoutNames } from './rebuild-wide.ts';
import { writeWhereAllowed } from './where-allowed.ts';

const NEVER = new AbortController().signal;

/** As `checkStore`, of many sessions. */
export async function checkWide(report: StatedWideReport, json: Uint8Array): Promise<StoreFindings> {
  const own = checkItself(report);
  let connected: Connected;
  try {
    connected = await connect({ onlyReads: true });
  } catch (error) {
    const why = unverifiable(error instanceof Error ? error.message : String(error));
    const statements = own.status === 'failed' ? own : why;
    return { log: why, statements, ledger: why, issuedPdf: { known: false, remedy: WITH_STORE } };
  }
  await using store = connected;
  const row = await findIssuedReport(store.db, report.id);
  const { signing } = store.config;
  const { log, statements, stored } = await checkLogs(store, report);
  return {
    log,
    statements: own.status === 'failed' ? own : statements,
    ledger: await checkLedger(store, row, report, { json, isStored: stored > 0 }),
    issuedPdf: issuedPdfOf(row, signing && openIdentity(signing)),
  };
}

type Checked = Readonly<{ log: Finding; statements: Finding; stored: number }>;

/** Walks every log that the report names, at the size that it states, and makes the report's figures again. */
async function checkLogs(store: Connected, report: StatedWideReport): Promise<Checked> {
  await using logs = openVerifier(store);
  const { id: accountId } = report.account;
  const fleet = createFleetSessions(store.db);
  const { recordOutcome } = writeWhereAllowed(store);
  const progress = startProgress('Walking', report.sessions.length, 'sessions');
  const found = new Map<string, [Session, VerifiedLog]>();
  const missing: string[] = [];
  const wrong: string[] = [];
  const unchecked: string[] = [];
  const disagreeing: string[] = [];
  await runInLanes(report.sessions, { lanes: availableParallelism() * 2 }, async (stated) => {
    const { id: sessionId, entries: size, root_hex: rootHex, state } = stated;
    const ref = { accountId, sessionId };
    const evidence = await logs.verifySession(ref, { signal: NEVER, listed: 0 });
    progress.add(1);
    if (!evidence) {
      const owner = await fleet.findOwner(sessionId);
      (owner === null ? missing : disagreeing).push(sessionId);
      return;
    }
    const { verdict } = evidence;
    await recordOutcome(evidence.found, verdict);
    if (verdict.status === 'failed') wrong.push(`${sessionId} ${verdict.fault} at seq ${verdict.seq}`);
    else if (verdict.status === 'unverifiable') unchecked.push(sessionId);
    else {
      const then = await verdictAt(logs, ref, verdict, size);
      const lostSeal = state === 'sealed' && verdict.state !== 'sealed';
      if (!then || then.rootHex !== rootHex || lostSeal) disagreeing.push(sessionId);
      else found.set(sessionId, [evidence.found.session, then]);
    }
  });
  progress.stop();
  const stored = report.sessions.length - missing.length;
  if (wrong.length > 0) {
    const why = unverifiable('a stored log failed, so the totals cannot be compared with it');
    return { log: failed(name(wrong)), statements: why, stored };
  }
  const away = [...missing, ...unchecked];
  const log =
    away.length > 0
      ? unverifiable(`not in this database, or without its audit key: ${name(away)}`)
      : verified(`${stored} logs`);
  if (disagreeing.length > 0) {
    const what = 'the stored logs give other roots, sizes or seals, or belong to another account';
    return { log, statements: failed(`${what}: ${name(disagreeing)}`), stored };
  }
  if (away.length > 0) return { log, statements: unverifiable('not every log could be compared'), stored };
  const totals = compareTotals(report, found);
  const { signing } = store.config;
  const identity = signing && openIdentity(signing);
  const statements =
    totals.status === 'failed' ? totals : compareNames(await findUnnamed(store.db, identity, report));
  return { log, statements, stored };
}

/** A session that was stored before the report was made must be in it. One that came later need not. */
function compareNames(unnamed: Awaited<ReturnType<typeof findUnnamed>>): Finding {
  if ('problem' in unnamed) {
    return unverifiable(`whether it leaves out sessions of its window cannot be told: ${unnamed.problem}`);
  }
  const { leftOut, others } = unnamed;
  if (leftOut.length > 0) {
    return failed(
      `it leaves out sessions of its window that the account log had under its checkpoint: ${name(leftOut)}`,
    );
  }
  const given = 'it states what the logs of the sessions that it names give';
  if (others.length === 0) return verified(`${given}, and names all that are stored in its window`);
  return verified(
    `${given}. It does not name ${others.length} that are stored in its window, which may have come later: ${name(others)}`,
  );
}

/** The first `size` entries of a log that may have grown since; null where it has fewer. */
async function verdictAt(
  logs: LogVerifier,
  ref: Readonly<{ accountId: string; sessionId: string }>,
  verdict: VerifiedLog,
  size: number,
): Promise<VerifiedLog | null> {
  if (verdict.size === size) return verdict;
  if (verdict.size < size) return null;
  const then = await logs.verifySession(ref, { signal: NEVER, until: size, listed: 0 });
  return then?.verdict.status === 'verified' && then.verdict.size === size ? then.verdict : null;
}

function compareTotals(
  report: StatedWideReport,
  found: ReadonlyMap<string, readonly [Session, VerifiedLog]>,
): Finding {
  const policies = policiesOf(report);
  if (typeof policies === 'string') return failed(policies);
  const tally = new Tally();
  const sessions = report.sessions.map((stated): WalkedSession => {
    const [session, log] = found.get(stated.id) as readonly [Session, VerifiedLog];
    tally.addCounts(log.counts);
    const ended = stated.ended_at === null ? null : session.endedAt;
    return {
      ...toWalked(stated, policies),
      agentId: session.agentId,
      startedAt: session.startedAt.toISOString(),
      endedAt: ended?.toISOString() ?? null,
      status: stated.ended_at === null ? stated.status : session.status,
      keyId: log.keyId,
      redactionCount: log.counts.redactionCount,
      wasReloaded: log.policyReloads.length > 0,
      firstTs: log.times.firstTs,
      lastTs: log.times.lastTs,
      policy: {
        name: session.policyName,
        version: session.policyVersion,
        sha256Hex: session.policySha256Hex,
      },
    };
  });
  const rebuilt = rebuild(report, sessions, tally.counts(), policies);
  const fields = [
    'merkle_root_hex',
    'redactions_by_kind',
    'redactions_by_pass',
    'redaction_count',
    'sessions_by_status',
    'sessions',
    'redactions_by_day',
    'audit_log',
  ] as const satisfies readonly (keyof StatedWideReport)[];
  const differing: string[] = fields.filter((field) => differs(report[field], rebuilt[field]));
  if (differs(withoutNames(report), withoutNames(rebuilt))) differing.push('redactions_by_agent');
  const { rehydration_failures: failures } = report.leak_detection;
  if (failures !== rebuilt.leak_detection.rehydration_failures) differing.push('leak_detection');
  if (differs(report.completeness.other_kinds, rebuilt.completeness.other_kinds)) {
    differing.push('completeness.other_kinds');
  }
  return differing.length === 0
    ? verified('')
    : failed(`the report states other values than the stored logs give: ${differing.join(', ')}`);
}

const NAMED = 5;

function name(items: readonly string[]): string {
  const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
  return `${items.slice(0, NAMED).join('; ')}${more}`;
}
