// `npm run verify` over stored logs: one, those that are marked, or all with what is found beside them.
import { availableParallelism } from 'node:os';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { type LogState, type LogVerdict, logStateOf } from '../../shared/audit/verdict.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { describeNeeds, explainNeeds } from '../../shared/sessions/describe-key-needs.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createKeyNeeds } from '../../shared/sessions/key-needs.ts';
import { createRecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { createFleetLogs } from '../../shared/transparency/fleet-logs.ts';
import { countsDiffer } from '../../workers/jobs/aggregate-session.ts';
import { describeVerified, refused } from '../batch/describe-verdict.ts';
import { eachSession, type Visits } from '../batch/each-session.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import type { Connected } from '../command/connect.ts';
import { openVerifier } from '../command/open-verifier.ts';
import { commandReaction } from '../command/outcome.ts';
import { startProgress } from '../command/progress.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';
import { findLogged } from './find-logged.ts';
import { findRemains } from './find-remains.ts';
import { markWhereAllowed } from './mark-outcome.ts';
import { brokenOff, disagreement, isBrokenOff, type Remains, remains } from './remains.ts';

type Tally = { verified: number; failed: number; unverifiable: number; unsealed: number; open: number };

type LogOptions = Readonly<{ json: boolean; mustBeSealed: boolean }>;

/** A session by its id, or those that are walked one after the other. */
type Subject = Readonly<{ sessionId: string }> | 'all' | 'marked';

/** Prints a verdict for each log, and with `all` what is found beside the logs. Throws for a session that there is not. */
export async function verifyLogs(
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
    // Before the logs, since it notes again where the entries about sessions stand: walks hold the logs against those.
    if (signing) {
      older = await tellAll(findLogged(connected, { pool: logs, recordOutcome, signing }), tell);
    } else unchecked = (await createFleetLogs(db).listStored()).length;
    const total = await fleet.countAll();
    await walkMany({ list: (afterId, limit) => fleet.listSelected({}, afterId, limit), total }, check);
    for await (const found of findRemains(db, new Date())) tell(found);
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
