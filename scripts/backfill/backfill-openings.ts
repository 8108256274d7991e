// `npm run backfill -- --openings`: marks how the sessions began that a release without opening marks stored.
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import { listUnmarked, markUnmarked, type Unmarked } from '../../shared/sessions/mark-openings.ts';
import { isTime } from '../../shared/time/is-time.ts';
import { EXIT, type ExitCode } from '../command/command.ts';
import { connect } from '../command/connect.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';

export type OpeningsBackfill = Readonly<{ accountId: string | null; dryRun: boolean; json: boolean }>;

type Outcome = 'marked' | 'would be marked' | 'skipped' | 'unverifiable';

/** Prints each session, so that an operator sees what the key will stand for. Safe to stop, and to give again. */
export async function backfillOpenings({ accountId, dryRun, json }: OpeningsBackfill): Promise<ExitCode> {
  await using connected = await connect();
  const { db, config } = connected;
  await using resources = new ReleaseStack();
  const stopping = new AbortController();
  resources.defer(onShutdownSignal(() => stopping.abort(new Error(STOPPED))));
  const keyring = createKeyring(config.auditKeys);
  const counts = new Map<Outcome, number>();
  for await (const unmarked of listUnmarked(db, keyring, accountId)) {
    stopping.signal.throwIfAborted();
    const { session, problem } = unmarked;
    const mark = async () => ((await markUnmarked(db, keyring, session)) ? 'marked' : 'skipped');
    const outcome = problem ? 'unverifiable' : dryRun ? 'would be marked' : await mark();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    console.log(json ? terminalJson(toJson(unmarked, outcome)) : terminalText(toLine(unmarked, outcome)));
  }
  const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  if (json) console.log(terminalJson({ summary: Object.fromEntries(counts) }));
  else console.log(`${summary || 'no session without a mark'}${dryRun ? '. Nothing was written' : ''}`);
  return counts.has('unverifiable') ? EXIT.error : EXIT.done;
}

const STOPPED = 'Stopped before the end: give the same command again to go on';

function toJson({ session, problem }: Unmarked, outcome: Outcome): object {
  const { id, accountId, agentId, startedAt, endedAt, status, policySha256Hex, log } = session;
  return {
    ...{ account_id: accountId, session_id: id, agent_id: agentId, started_at: startedAt, ended_at: endedAt },
    ...{ status, policy_sha256: policySha256Hex, entries: log.size, key_id: log.keyId, outcome },
    ...(problem && { problem: reasonOf(problem) }),
  };
}

/** Everything that the mark covers, so that nobody marks what was not shown. */
function toLine({ session, problem }: Unmarked, outcome: Outcome): string {
  const { id, accountId, agentId, startedAt, endedAt, status, policySha256Hex, log } = session;
  const end = endedAt === null ? ', open' : ` to ${timeOf(endedAt)}, status ${status}`;
  const times = `from ${timeOf(startedAt)}${end}`;
  const facts = `agent ${agentId}, ${times}, policy ${policySha256Hex}, key ${log.keyId}, ${log.size} entries`;
  return `${accountId} ${id} ${outcome}: ${problem ? reasonOf(problem) : facts}`;
}

function reasonOf(problem: NonNullable<Unmarked['problem']>): string {
  return 'damaged' in problem
    ? `its row is damaged at ${problem.damaged}`
    : `no configured key may prove its log, which names ${problem.missingKey}`;
}

function timeOf(time: unknown): string {
  return isTime(time) ? time.toISOString() : 'no time';
}
