// Runs a command over many sessions: goes on after an interruption, shows progress, counts outcomes, stops at a signal.

import type { LogRef } from '../../shared/audit/log-record.ts';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import { createFleetSessions, type SessionSelection } from '../../shared/sessions/fleet-sessions.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { createDeriveDeps } from '../../workers/jobs/derive-deps.ts';
import type { DeriveDeps } from '../../workers/jobs/job.ts';
import { createReportPool } from '../../workers/reports/pool.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import { type Connected, connect } from '../command/connect.ts';
import { commandReaction } from '../command/outcome.ts';
import { startProgress } from '../command/progress.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';
import { openCheckpoint, type Progressed } from './checkpoint.ts';
import { eachSession } from './each-session.ts';

/** One session's outcome; `failed` and `unverifiable` decide the exit code. `line` is printed, `details` join the JSON. */
export type Visited = Readonly<{
  outcome: string;
  line?: string;
  details?: object;
  /** The log is verified, but its tail may have been cut: counted beside the outcome. */
  isUnsealed?: boolean;
}>;

export type SessionCommand = Readonly<{
  name: string;
  /** Printed before the progress. */
  label: string;
  selection: SessionSelection;
  /** Equal for two runs of the same command: the second goes on where the first stopped. Null: each run starts over. */
  resumeBy: object | null;
  /** Milliseconds after which a run does not go on from another, since what that found may have changed; none by default. */
  goesOnWithinMs?: number;
  /** Begins anew, whatever an earlier run did. */
  restart: boolean;
  concurrency: number;
  json: boolean;
  /** All outcomes in the order of the summary, which shows zero counts as well. */
  outcomes: readonly string[];
  visit(deps: DeriveDeps, session: LogRef, connected: Connected): Promise<Visited>;
  /** Called after every session of a page was visited, and once at the end. */
  afterPage?(connected: Connected): Promise<void>;
}>;

export async function runOverSessions(command: SessionCommand): Promise<ExitCode> {
  const { name, label, selection, resumeBy, goesOnWithinMs, restart, concurrency, json, outcomes } = command;
  await using connected = await connect();
  const { config, db, mongodbUri } = connected;
  await using resources = new ReleaseStack();
  const stopping = new AbortController();
  resources.defer(onShutdownSignal(() => stopping.abort()));
  const place = { uri: config.mongodbUri, db: config.mongodbDb };
  const checkpoint =
    resumeBy && openCheckpoint(config.dataDir, name, { ...place, ...resumeBy }, goesOnWithinMs);
  const earlier = restart ? null : (checkpoint?.found ?? null);
  const begunAt = earlier?.begun_at ?? presentTime(new Date());
  const tally = new Map<string, number>();
  // Two sessions per thread: one log is read while another is hashed.
  const lanes = concurrency * 2;
  const pool = await createReportPool({
    mongodbUri,
    config: { ...config, reportThreads: concurrency, reportQueueLimit: lanes * 2 },
  });
  resources.defer(() => pool.close());
  const deps = createDeriveDeps(db, pool, commandReaction(config));
  const fleet = createFleetSessions(db);
  const total = await fleet.countSelected(selection);
  const progress = startProgress(label, total, 'sessions');
  resources.defer(() => progress.stop());
  if (checkpoint && earlier) {
    console.error(
      terminalText(
        `Going on after ${earlier.after} (give --restart or remove ${checkpoint.file} to start over)`,
      ),
    );
    const counts = Object.entries(earlier.tally);
    progress.add(counts.reduce((sum, [name, count]) => (name === UNSEALED ? sum : sum + count), 0));
  }
  const finished = await eachSession({
    list: (afterId, limit) => fleet.listSelected(selection, afterId, limit),
    lanes,
    afterId: earlier?.after ?? null,
    signal: stopping.signal,
    async visit(session) {
      const { outcome, line, details, isUnsealed } = await command.visit(deps, session, connected);
      count(tally, outcome);
      if (isUnsealed) count(tally, UNSEALED);
      if (json)
        console.log(
          terminalJson({
            session_id: session.sessionId,
            account_id: session.accountId,
            outcome,
            ...details,
          }),
        );
      else if (line !== undefined) console.log(terminalText(`${session.sessionId} ${line}`));
      progress.add(1);
    },
    async onPage(after) {
      await command.afterPage?.(connected);
      const sum = Object.fromEntries(addUp(tally, earlier));
      await checkpoint?.write({ after, begun_at: begunAt, written_at: presentTime(new Date()), tally: sum });
    },
  });
  await command.afterPage?.(connected);
  progress.stop();
  if (finished) await checkpoint?.remove();
  summarize(tally, earlier, outcomes, json, finished);
  return exitCode(addUp(tally, earlier), finished);
}

const UNSEALED = 'unsealed';

function count(tally: Map<string, number>, name: string): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}

type Tally = ReadonlyMap<string, number>;

/** What all runs counted that went on from one another. */
function addUp(tally: Tally, earlier: Progressed | null): Tally {
  const sum = new Map(tally);
  for (const [name, found] of Object.entries(earlier?.tally ?? {}))
    sum.set(name, (sum.get(name) ?? 0) + found);
  return sum;
}

/** This run's counts, and apart those of earlier runs, whose sessions this one did not visit. */
function summarize(
  tally: Tally,
  earlier: Progressed | null,
  outcomes: readonly string[],
  json: boolean,
  finished: boolean,
) {
  const counts = countsOf(tally, outcomes);
  if (json) {
    const before = earlier && {
      begun_at: earlier.begun_at,
      written_at: earlier.written_at,
      ...countsOf(new Map(Object.entries(earlier.tally)), outcomes),
    };
    console.log(JSON.stringify({ summary: { ...counts, finished, ...(before && { earlier: before }) } }));
  } else {
    console.log(describeCounts(counts));
    if (earlier) {
      const before = describeCounts(countsOf(new Map(Object.entries(earlier.tally)), outcomes));
      console.log(
        terminalText(
          `not visited again, from an earlier run (${earlier.begun_at} to ${earlier.written_at}): ${before}`,
        ),
      );
    }
  }
  if (!finished) console.error('Stopped before the end: give the same command again to go on.');
}

type Counts = Readonly<Record<string, number>>;

function countsOf(tally: Tally, outcomes: readonly string[]): Counts {
  return Object.fromEntries([...outcomes, UNSEALED].map((name) => [name, tally.get(name) ?? 0]));
}

function describeCounts({ [UNSEALED]: unsealed, ...counts }: Counts): string {
  const text = Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
  return unsealed === 0 ? text : `${text}; ${unsealed} verified, but unsealed`;
}

function exitCode(tally: Tally, finished: boolean): ExitCode {
  if ((tally.get('failed') ?? 0) > 0) return EXIT.foundFailed;
  return (tally.get('unverifiable') ?? 0) > 0 || !finished ? EXIT.error : EXIT.done;
}
