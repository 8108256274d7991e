// `npm run verify` over stored logs: one, those that are marked, or all with what is found beside them.
import { availableParallelism } from 'node:os';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { describeNeeds, explainNeeds } from '../../shared/sessions/describe-key-needs.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { createKeyNeeds } from '../../shared/sessions/key-needs.ts';
import type { RecordOutcome } from '../../shared/sessions/record-outcome.ts';
import { createFleetLogs } from '../../shared/transparency/fleet-logs.ts';
import { countsDiffer } from '../../workers/jobs/aggregate-session.ts';
import { eachSession, type Visits } from '../batch/each-session.ts';
import type { ExitCode } from '../command/command.ts';
import type { Connected } from '../command/connect.ts';
import { type LogVerifier, openVerifier } from '../command/open-verifier.ts';
import { startProgress } from '../command/progress.ts';
import { findLogged } from './find-logged.ts';
import { findRemains } from './find-remains.ts';
import { createLogTally, type LogTally } from './log-tally.ts';
import { brokenOff, disagreement, type Remains, remains } from './remains.ts';
import { writeWhereAllowed } from './where-allowed.ts';

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
  await using logs = openVerifier(connected);
  const fleet = createFleetSessions(db);
  const writes = writeWhereAllowed(connected);
  const tally = createLogTally(json);
  const check = (ref: LogRef) => checkSession({ logs, fleet, tally, ...writes }, ref);
  /** One row at which the verification throws does not keep those behind it from theirs. */
  const checkOne = async (ref: LogRef) => {
    try {
      await check(ref);
    } catch (error) {
      if (!mayPassOver(error)) throw error;
      tally.found(brokenOff(ref, error));
    }
  };
  // Said before the walk, which may take hours.
  const needed = await createKeyNeeds(db, config.auditKeys).find();
  if (needed.length > 0) console.error(explainNeeds(needed));
  if (typeof subject !== 'string') {
    const { sessionId } = subject;
    const accountId = await fleet.findOwner(sessionId);
    // Deleted since its owner was found: it is missing as well.
    if (accountId === null || !(await check({ accountId, sessionId }))) {
      throw new Error(`There is no session ${sessionId}.`);
    }
    return tally.exitCode({ mustBeSealed, unchecked: 0 });
  }
  let older = 0;
  let unchecked = 0;
  if (subject === 'marked') {
    const list: Many['list'] = (afterId, limit) => fleet.listMarked(null, afterId, limit);
    await walkMany({ list, total: null }, checkOne);
  } else {
    // Before the logs, since it notes again where the entries about sessions stand: walks hold the logs against those.
    if (signing) {
      older = await tellAll(findLogged(connected, { pool: logs, signing, ...writes }), tally);
    } else unchecked = (await createFleetLogs(db).listStored()).length;
    const list: Many['list'] = (afterId, limit) => fleet.listSelected({}, afterId, limit);
    await walkMany({ list, total: await fleet.countAll() }, checkOne);
    for await (const found of findRemains(db, new Date())) tally.found(found);
  }
  const needs = needed.length > 0 ? describeNeeds(needed) : '';
  console.error(tally.summary({ needs, looksBeside: subject === 'all' }));
  if (older > 0) console.error(`${older} rows of the ledger ${OLDER}`);
  if (unchecked > 0) console.error(`${unchecked} account logs were not checked: ${NO_SIGNING_KEY}`);
  return tally.exitCode({ mustBeSealed, unchecked });
}

type CheckDeps = Readonly<{
  logs: LogVerifier;
  fleet: Pick<ReturnType<typeof createFleetSessions>, 'hasRow'>;
  recordOutcome: RecordOutcome;
  tally: LogTally;
}>;

/** Verifies a log and tells what is wrong with it and its row. Whether there is such a session. */
async function checkSession({ logs, fleet, recordOutcome, tally }: CheckDeps, ref: LogRef): Promise<boolean> {
  // A number or a text is a damaged row. An object has no segments that it could name.
  const evidence =
    typeof ref.accountId === 'object' ? null : await logs.verifySession(ref, { signal: NEVER, listed: 0 });
  if (!evidence) {
    // A filter by account takes an array that holds it, or the first of two fields of that name. No walk does.
    const isThere = typeof ref.accountId === 'object' || (await fleet.hasRow(ref.sessionId));
    if (isThere) tally.found(remains('row_unreachable', ref, {}, UNREACHABLE));
    return isThere;
  }
  const { found, verdict } = evidence;
  tally.judged(ref, found.session, verdict);
  for (const disputed of (verdict.status === 'verified' && verdict.disputed) || []) {
    tally.found(disagreement(ref, disputed));
  }
  // What is due for a session's counts is known to lag behind its log.
  if (verdict.status === 'verified' && found.stage !== null && countsDiffer(found, verdict)) {
    tally.found(remains('counts_differ', ref, {}, COUNTS_DIFFER));
  }
  // Behind the verdict: a row that takes no mark is named as it was found all the same.
  await recordOutcome(found, verdict);
  return true;
}

const OLDER =
  'are older than the first signed report of their account and bear no statement: nothing but the database vouches for them';

async function tellAll<Counted>(
  findings: AsyncGenerator<Remains, Counted>,
  tally: LogTally,
): Promise<Counted> {
  let next = await findings.next();
  for (; !next.done; next = await findings.next()) tally.found(next.value);
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
