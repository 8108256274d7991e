// `npm run verify`: walks stored logs, or checks issued reports against them, and says what it found.
import { availableParallelism } from 'node:os';
import { isId } from '../shared/audit/ids.ts';
import type { LogRef } from '../shared/audit/log-record.ts';
import { type LogState, type LogVerdict, logStateOf } from '../shared/audit/verdict.ts';
import { mayPassOver } from '../shared/process/pass-over.ts';
import { describeNeeds, explainNeeds } from '../shared/sessions/describe-key-needs.ts';
import { createFleetSessions } from '../shared/sessions/fleet-sessions.ts';
import { createKeyNeeds } from '../shared/sessions/key-needs.ts';
import { createRecordOutcome } from '../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { createFleetLogs } from '../shared/transparency/fleet-logs.ts';
import { countsDiffer } from '../workers/jobs/aggregate-session.ts';
import { describeVerified, refused } from './batch/describe-verdict.ts';
import { eachSession, type Visits } from './batch/each-session.ts';
import { parseAccount } from './command/account-options.ts';
import { callerPath } from './command/caller-file.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { openVerifier } from './command/open-verifier.ts';
import { commandReaction } from './command/outcome.ts';
import { startProgress } from './command/progress.ts';
import { terminalJson, terminalText } from './command/terminal-text.ts';
import { EVIDENCE_OPTIONS } from './verify/evidence/options.ts';
import { findLogged } from './verify/find-logged.ts';
import { findRemains } from './verify/find-remains.ts';
import { markWhereAllowed } from './verify/mark-outcome.ts';
import { brokenOff, disagreement, isBrokenOff, type Remains, remains } from './verify/remains.ts';

const USAGE = `usage: npm run verify -- SESSION_ID | --all | --marked | REPORT.pdf | REPORT.json
       npm run verify -- FILE [FILE] --key VERIFIER_KEY [options]
       npm run verify -- --access [--account ID]

Walks the audit log of one session, or of all, from end to end. Checks every entry, link and HMAC, the recorded head,
the seal, and every anchor: the stored root and the reported root. Prints a verdict per session: verified, FAILED
with the fault and its place, or unverifiable. Marks each log that failed or is unverifiable; a verified log loses its
mark.

With --all it also looks for what still names a session that is gone or hidden, and exits 2 if there is any: segments,
reports in the ledger, and sums of hours without a session; sessions that an import hid more than a day ago; segments
and rows that no walk comes to. The same for what sessions name and is not stored: policies, agents and accounts.
Where a signing key is configured, it holds every account log against what was signed of it, and sessions, reports and
policies against the log: one that was deleted or changed is named. So is a report that this deployment did not sign.

For an issued report: takes the JSON out of the PDF and checks it against its schema, its policy, the stored log and the
ledger. Compares the PDF's bytes with the digest in the ledger that this deployment signed; where that has none, prints
the pages again. Prints a verdict per axis: verified, FAILED, unverifiable, or not checked where this machine cannot
print the same pages.

With --key it checks the evidence in a file as an outsider can, and needs no database: a report (PDF, JSON, or a pack as
.zip), the proof of an event or of a stretch of events, a report's JSON and its statement, or two reports of one session.
Prints verified, failed or not checked for bytes, statement, entries, completeness, log, witnesses, pages and macs. With a
database, also for the stored log, the stored report and the ledger. node scripts/verifiers/verify.mjs checks the same.

With --access it walks the access record of every account, or of one: every row, link and HMAC. Prints verified, FAILED with
the fault and its place, or unverifiable where rows are unsigned or under a key that is not configured. No record shows
whether its newest rows were cut off: compare the last hash with one that you kept.

  --key VERIFIER_KEY       of the account's log (GET /api/v1/log/key); may repeat
  --witness VERIFIER_KEY   of a witness; may repeat
  --audit-key-file FILE    audit keys, to check the chain and the seal
  --require AXIS,...       exits 1 where one of these is not checked
  --self-test              changes one bit after another, in memory, and shows that each change is caught

  --all      every session of every account
  --marked   the sessions alone whose log is marked as failed or unverifiable
  --access   the access records, of the account that --account names or of all
  --sealed   also fails where a session ended and its log is not sealed: its tail may have been cut
  --json     prints one JSON object per line

exit: 0 all verified, 2 a log or report failed, a session is gone, or a row is damaged, 1 something is unverifiable or not checked, or another error, 64 usage;
with --key: 0 nothing failed, and statement, entries or log is verified, 2 something failed, 1 nothing that matters was checked`;

const OPTIONS = {
  ...EVIDENCE_OPTIONS,
  all: { type: 'boolean' },
  marked: { type: 'boolean' },
  sealed: { type: 'boolean' },
  access: { type: 'boolean' },
  account: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Options that say nothing without a key. */
const EVIDENCE_ONLY = ['witness', 'audit-key-file', 'require', 'self-test'] as const;

type Tally = { verified: number; failed: number; unverifiable: number; unsealed: number; open: number };

type LogOptions = Readonly<{ json: boolean; mustBeSealed: boolean }>;

/** A session by its id, or those that are walked one after the other. */
type Subject = Readonly<{ sessionId: string }> | 'all' | 'marked';

async function verifyLogs(
  connected: Connected,
  subject: Subject,
  { json, mustBeSealed }: LogOptions,
): Promise<ExitCode> {
  const { config, db } = connected;
  const { signing } = config;
  const sessionId = typeof subject === 'string' ? null : subject.sessionId;
  await using logs = openVerifier(connected);
  const fleet = createFleetSessions(db);
  const recordOutcome = markWhereAllowed(
    createRecordOutcome({ sessions: createSessionRepository(db), ...commandReaction(config) }),
  );
  const tally: Tally = { verified: 0, failed: 0, unverifiable: 0, unsealed: 0, open: 0 };
  let findings = 0;
  let damaged = 0;
  let unchecked = 0;
  let older = 0;
  let broken = 0;
  const say = ({ finding, about, accountId, line, details }: Remains) =>
    console.log(
      json
        ? terminalJson({ finding, account_id: accountId, ...details })
        : terminalText(`${about} ${finding}: ${line}`),
    );
  const tell = (found: Remains) => {
    if (isBrokenOff(found)) broken += 1;
    else findings += 1;
    say(found);
  };
  /** One row at which the verification throws does not keep those behind it from theirs. */
  const check = async (ref: LogRef) => {
    try {
      await checkOne(ref);
    } catch (error) {
      if (sessionId !== null || !mayPassOver(error)) throw error;
      tell(brokenOff(ref, error));
    }
  };
  const checkOne = async (ref: LogRef) => {
    // A number or a text is a damaged row. An object has no segments that it could name.
    if (typeof ref.accountId === 'object') return tell(remains('row_unreachable', ref, {}, UNREACHABLE));
    const evidence = await logs.verifySession(ref, { signal: NEVER, listed: 0 });
    if (!evidence) {
      // A filter by account takes an array that holds it, or the first of two fields of that name. No walk does.
      if (await fleet.hasRow(ref.sessionId)) return tell(remains('row_unreachable', ref, {}, UNREACHABLE));
      // Deleted since it was found: of all sessions it is left out, asked for by its id it is missing.
      if (sessionId !== null) throw noSession(sessionId);
      return;
    }
    const { found, verdict } = evidence;
    tally[verdict.status] += 1;
    if (verdict.status === 'unverifiable' && verdict.reason === 'damaged_row') damaged += 1;
    const state = logStateOf(found.session.log.seal, found.session.endedAt);
    if (state !== 'sealed') tally[state] += 1;
    console.log(
      json ? terminalJson(toJson(ref, verdict, state)) : terminalText(describe(ref.sessionId, verdict)),
    );
    for (const disputed of (verdict.status === 'verified' && verdict.disputed) || []) {
      tell(disagreement(ref, disputed));
    }
    // What is due for a session's counts is known to lag behind its log.
    if (verdict.status === 'verified' && found.stage !== null && countsDiffer(found, verdict)) {
      tell(remains('counts_differ', ref, {}, COUNTS_DIFFER));
    }
    // Behind the verdict: a row that takes no mark is named as it was found all the same.
    await recordOutcome(found, verdict);
  };
  // Said before the walk, which may take hours.
  const needed = await createKeyNeeds(db, config.auditKeys).find();
  if (needed.length > 0) console.error(explainNeeds(needed));
  if (subject === 'marked') {
    await walkMany({ list: (afterId, limit) => fleet.listMarked(null, afterId, limit), total: null }, check);
  } else if (sessionId === null) {
    const total = await fleet.countAll();
    await walkMany({ list: (afterId, limit) => fleet.listSelected({}, afterId, limit), total }, check);
    for await (const found of findRemains(db, new Date())) tell(found);
    if (signing) {
      older = await tellAll(findLogged(connected, { pool: logs, recordOutcome, signing }), tell);
    } else unchecked = (await createFleetLogs(db).listStored()).length;
  } else {
    const accountId = await fleet.findOwner(sessionId);
    if (accountId === null) throw noSession(sessionId);
    await check({ accountId, sessionId });
  }
  const { verified, failed, unverifiable, unsealed, open } = tally;
  if (sessionId === null) {
    const logs = `${verified} verified, ${failed} failed, ${unverifiable} unverifiable`;
    const rows = damaged > 0 ? ` (${damaged} for a damaged row)` : '';
    const keys = needed.length > 0 ? `: ${describeNeeds(needed)}` : '';
    const beside = subject === 'all' ? `; ${findings} findings beside the logs` : '';
    const off = broken > 0 ? `; ${broken} broke off` : '';
    console.error(`${logs}${rows}${keys}; ${open} open, ${unsealed} ended but unsealed${beside}${off}`);
  }
  if (older > 0) console.error(`${older} rows of the ledger ${OLDER}`);
  if (unchecked > 0) console.error(`${unchecked} account logs were not checked: ${NO_SIGNING_KEY}`);
  if (failed + findings + damaged > 0 || (mustBeSealed && unsealed > 0)) return EXIT.foundFailed;
  return unverifiable + unchecked + broken > 0 ? EXIT.error : EXIT.done;
}

const OLDER =
  'are older than the first signed report of their account and bear no statement: nothing but the database vouches for them';

async function tellAll<Counted>(
  findings: AsyncGenerator<Remains, Counted>,
  tell: (found: Remains) => void,
): Promise<Counted> {
  let next = await findings.next();
  for (; !next.done; next = await findings.next()) tell(next.value);
  return next.value;
}

const NO_SIGNING_KEY = 'set SIGNING_KEY and LOG_ORIGIN as the service has them';

const UNREACHABLE = 'a session row that names its account in a way that no walk can follow';

const COUNTS_DIFFER =
  'its row counts other events than its log holds: lists and statistics are wrong by them (npm run rebuild-aggregates counts again)';

const NEVER = new AbortController().signal;

type Many = Pick<Visits, 'list'> & Readonly<{ total: number | null }>;

/** Visits many sessions, as many at once as there are cores. Without a total there is no progress to show. */
async function walkMany({ list, total }: Many, check: (ref: LogRef) => Promise<void>): Promise<void> {
  // Shows no progress where the verdicts go to a terminal: they are the progress.
  const progress =
    process.stdout.isTTY || total === null ? null : startProgress('Verifying', total, 'sessions');
  try {
    await eachSession({
      list,
      lanes: availableParallelism(),
      async visit(ref) {
        await check(ref);
        progress?.add(1);
      },
    });
  } finally {
    progress?.stop();
  }
}

function noSession(sessionId: string): Error {
  return new Error(`There is no session ${sessionId}.`);
}

function describe(sessionId: string, verdict: LogVerdict): string {
  if (verdict.status === 'verified') {
    return `${sessionId} ${describeVerified(verdict)}, root ${verdict.rootHex}`;
  }
  return `${sessionId} ${refused(verdict).line}`;
}

function toJson({ accountId, sessionId }: LogRef, verdict: LogVerdict, state: LogState): object {
  const found =
    verdict.status === 'verified'
      ? { verdict: verdict.status, size: verdict.size, merkle_root_hex: verdict.rootHex }
      : refused(verdict).details;
  return { session_id: sessionId, account_id: accountId, ...found, state };
}

/** The command, with the arguments of this process. */
export async function runVerify(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (values.key !== undefined) {
      if (values.all || values.marked || values.sealed || values.access) {
        throw new UsageError('--key is for files: name one, or two.');
      }
      const { verifyEvidenceFiles } = await import('./verify/evidence/evidence-command.ts');
      return await verifyEvidenceFiles({ values, positionals });
    }
    if (EVIDENCE_ONLY.some((name) => values[name] !== undefined)) {
      throw new UsageError('Name the verifier key, too: --key.');
    }
    if (values.access) {
      const { account = null, all, marked, sealed, json = false } = values;
      if (all || marked || sealed)
        throw new UsageError('--access walks access records, and no logs: leave the options for logs out.');
      const accountId = account === null ? null : parseAccount(account, positionals);
      if (positionals.length > 0)
        throw new UsageError('--access takes no session: name an account, --account acc_….');
      const { verifyAccess } = await import('./verify/verify-access.ts');
      await using connected = await connect({ onlyReads: true });
      return await verifyAccess(connected, accountId, json);
    }
    if (values.account !== undefined) throw new UsageError('--account is for --access.');
    const [sessionId, ...rest] = positionals;
    const named = [sessionId, values.all, values.marked].filter(
      (each) => each !== undefined && each !== false,
    );
    if (rest.length > 0 || named.length !== 1) {
      throw new UsageError('Name one session, one report, --all or --marked.');
    }
    if (sessionId !== undefined && /\.(?:pdf|json)$/i.test(sessionId)) {
      if (values.sealed) throw new UsageError('--sealed is for logs: a report states its log itself.');
      // The modules that read and print PDFs take longer to load than a log takes to walk.
      const { verifyReportFile } = await import('./verify/report-file.ts');
      return await verifyReportFile(callerPath(sessionId), values.json === true);
    }
    if (sessionId !== undefined && !isId('session', sessionId)) {
      throw new UsageError('A session id is sess_ and 26 upper-case characters.');
    }
    await using connected = await connect({ onlyReads: true });
    const options = { json: values.json === true, mustBeSealed: values.sealed === true };
    const subject = values.marked ? 'marked' : sessionId === undefined ? 'all' : { sessionId };
    return await verifyLogs(connected, subject, options);
  });
}

if (import.meta.main) process.exitCode = await runVerify();
