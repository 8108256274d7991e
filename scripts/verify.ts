// `npm run verify`: walks stored logs, or checks issued reports against them, and says what it found.
import { availableParallelism } from 'node:os';
import { isId } from '../shared/audit/ids.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { type LogVerdict, verdictName } from '../shared/audit/verdict.ts';
import { createReportLedger, type ReportLedger } from '../shared/reports/report-ledger.ts';
import { createFleetSessions, type FleetSessions } from '../shared/sessions/fleet-sessions.ts';
import { createSessionRepository, type SessionRepository } from '../shared/sessions/session-repository.ts';
import { createReportPool, type ReportPool } from '../workers/reports/pool.ts';
import { eachSession } from './batch/each-session.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { startProgress } from './command/progress.ts';

const USAGE = `usage: npm run verify -- SESSION_ID | --all | REPORT.pdf | REPORT.json

Walks the audit log of one session, or of all, from end to end: every entry, link and HMAC, the recorded head, the
seal, and roots sealed or reported before. Prints a verdict per session.

Of an issued report: takes the JSON out of the PDF, checks it against its schema, its policy, the stored log and the
ledger, prints it again and compares the bytes. Prints a verdict per axis.

  --all      every session of every account
  --json     one JSON object a line

exit: 0 all verified, 2 a log or report failed, 1 something is unverifiable or another error, 64 usage`;

const OPTIONS = { all: { type: 'boolean' }, json: { type: 'boolean' } } as const;

type Deps = Readonly<{ sessions: SessionRepository; ledger: ReportLedger; pool: ReportPool }>;
type Tally = { verified: number; failed: number; unverifiable: number };

async function verify(
  { config, mongodbUri, db }: Connected,
  sessionId: string | null,
  json: boolean,
): Promise<ExitCode> {
  const fleet = createFleetSessions(db);
  const sessions = createSessionRepository(db);
  const deps = {
    sessions,
    ledger: createReportLedger(db),
    pool: await createReportPool({ mongodbUri, config }),
  };
  const tally: Tally = { verified: 0, failed: 0, unverifiable: 0 };
  const check = async (owned: LogRef) => {
    const verdict = await walk(deps, owned);
    if (!verdict) return;
    tally[verdict.status] += 1;
    console.log(json ? JSON.stringify(toJson(owned, verdict)) : describe(owned.sessionId, verdict));
  };
  try {
    if (sessionId === null) await verifyAll(fleet, check);
    else {
      const accountId = await fleet.findOwner(sessionId);
      if (accountId === null) throw new Error(`There is no session ${sessionId}.`);
      await check({ accountId, sessionId });
    }
  } finally {
    await deps.pool.close();
  }
  const { verified, failed, unverifiable } = tally;
  if (sessionId === null)
    console.error(`${verified} verified, ${failed} failed, ${unverifiable} unverifiable`);
  if (failed > 0) return EXIT.foundFailed;
  return unverifiable > 0 ? EXIT.error : EXIT.done;
}

/** Visits every session, as many at once as there are cores. */
async function verifyAll(fleet: FleetSessions, check: (owned: LogRef) => Promise<void>): Promise<void> {
  // On a terminal the verdicts themselves show how far it is.
  const progress = process.stdout.isTTY
    ? null
    : startProgress('Verifying', await fleet.countAll(), 'sessions');
  try {
    await eachSession({
      list: (afterId, limit) => fleet.listSelected({}, afterId, limit),
      lanes: availableParallelism(),
      async visit(owned) {
        await check(owned);
        progress?.add(1);
      },
    });
  } finally {
    progress?.stop();
  }
}

async function walk(
  { sessions, ledger, pool }: Deps,
  { accountId, sessionId }: LogRef,
): Promise<LogVerdict | null> {
  const lastReported = await ledger.lastRoot(accountId, sessionId);
  const session = await sessions.find(accountId, sessionId);
  if (!session) return null;
  const verdict = await pool.walk(session, { signal: new AbortController().signal, lastReported });
  if (verdict.status === 'failed') await sessions.markFailed(accountId, sessionId, verdict);
  return verdict;
}

const STATES = {
  open: 'open',
  sealed: 'closed and sealed',
  unsealed: 'not sealed: the tail may have been cut',
};

function describe(sessionId: string, verdict: LogVerdict): string {
  if (verdict.status === 'verified') {
    return `${sessionId} verified, ${verdict.size} entries, ${STATES[verdict.state]}, root ${verdict.rootHex}`;
  }
  if (verdict.status === 'unverifiable')
    return `${sessionId} unverifiable: key ${verdict.keyId} is not configured`;
  return `${sessionId} FAILED: ${verdict.fault} at seq ${verdict.seq}`;
}

function toJson({ accountId, sessionId }: LogRef, verdict: LogVerdict): object {
  const place = verdict.status === 'failed' ? { seq: verdict.seq } : {};
  const root = verdict.status === 'verified' ? { size: verdict.size, merkle_root_hex: verdict.rootHex } : {};
  return { session_id: sessionId, account_id: accountId, verdict: verdictName(verdict), ...place, ...root };
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const [sessionId, ...rest] = positionals;
    if (rest.length > 0 || (sessionId === undefined) === (values.all !== true)) {
      throw new UsageError('Name one session, one report, or --all.');
    }
    if (sessionId !== undefined && /\.(?:pdf|json)$/i.test(sessionId)) {
      // What reads and prints PDFs takes longer to load than a log does to walk.
      const { verifyReportFile } = await import('./verify/report-file.ts');
      return await verifyReportFile(sessionId, values.json === true);
    }
    if (sessionId !== undefined && !isId('session', sessionId)) {
      throw new UsageError('A session id is sess_ and 26 upper-case characters.');
    }
    await using connected = await connect();
    return await verify(connected, sessionId ?? null, values.json === true);
  });
}
