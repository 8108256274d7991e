// A report over many sessions, from the listing of its window to its bytes: one caller's turn on the threads.
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { type Deadline, Forecast } from '../logs/forecast.ts';
import type { SessionEvidence } from '../logs/log-tasks.ts';
import type { ThreadRun } from '../threads/thread-run.ts';
import type { WideOrder, WideOutcome } from './report-orders.ts';
import type { ThreadTasks } from './thread-tasks.ts';
import type { WideOptions } from './wait-options.ts';
import { type WindowBatch, walkBatches } from './walk-window.ts';
import { type Outcome, partOf, type WalkedPart } from './walked-part.ts';
import { anchorsOf, readShared } from './window-log.ts';

export type WideWork = Readonly<{
  lanes: number;
  deadline: Deadline | undefined;
  known: KnownRoot | null;
  /** Verifies a long log, in ranges. */
  verify(log: LogRef, anchors: readonly Anchor[]): Promise<SessionEvidence | null>;
  onOutcome(outcome: Outcome): Promise<void>;
  onProgress: WideOptions['onProgress'];
  onStage: WideOptions['onStage'];
}>;

export async function makeWideReport(
  run: ThreadRun<ThreadTasks>,
  order: WideOrder,
  { lanes, deadline, known, verify, onOutcome, onProgress, onStage }: WideWork,
): Promise<WideOutcome> {
  const { accountId, subject, sessionsLimit } = order;
  const { since, until } = subject.window;
  const query = { since, until, agentId: subject.scope === 'agent' ? subject.agentId : null };
  const { stop } = run;
  onStage?.('listing');
  const listed = await run.task('listWindow', { accountId, query, sessionsLimit, known, stop });
  if ('kind' in listed) return listed;
  const { sessions: total, batches, fitsUntil, accountLog } = listed;
  if (fitsUntil) return { kind: 'too_many', sessions: total, fitsUntil };
  const forecast = new Forecast(batches.length, deadline ?? null);

  async function walk({ sessionIds, isLong, logged }: WindowBatch): Promise<WalkedPart> {
    const [sessionId] = sessionIds;
    if (!isLong || sessionId === undefined) {
      return await run.task('walkSessions', { accountId, sessionIds, logged, stop });
    }
    const at = new Date();
    const entries = readShared(logged).get(sessionId);
    const evidence = await verify({ accountId, sessionId }, anchorsOf(entries));
    return partOf(sessionId, evidence, at, entries);
  }

  onStage?.('walking');
  const parts = await walkBatches(batches, lanes, walk, async (part, progress) => {
    for (const outcome of part.outcomes) await onOutcome(outcome);
    await onProgress?.(progress);
    forecast.rangeDone();
  });
  const exceptions = parts.flatMap((part) => part.exceptions);
  if (exceptions.length > 0 && order.exceptions === 'refuse')
    return { kind: 'not_verified', exceptions, total };
  onStage?.('composing');
  const composed = await run.task('composeWide', {
    order,
    parts: parts.map(({ outcomes: _, ...part }) => part),
    query,
    before: { sessions: total, at: listed.at },
    accountLog,
    logged: batches.map((batch) => batch.logged),
    stop,
  });
  return composed.kind === 'refused' ? composed : { ...composed, exceptions };
}
