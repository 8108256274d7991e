// What a person sees of a session: its facts, the verdict on its log, and a part of the log's entries.
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { StopFlag } from '../threads/stop-flag.ts';
import type { NoSession, SessionEvidence } from './log-tasks.ts';
import type { PageTask } from './page-tasks.ts';
import type { EntryView, ViewedFacts, ViewTask } from './view-tasks.ts';

export type SessionView = Omit<ViewedFacts, 'kind'> & Readonly<{ verdict: LogVerdict; entries: EntryView }>;

/** Which session, which of its entries, and whether the reader may see its payloads. */
export type ViewOrder = Omit<ViewTask, 'size' | 'stop'> & Pick<PageTask, 'withPayloads'>;

export type ViewTasks = Readonly<{
  viewFacts(task: PageTask): Promise<ViewedFacts | NoSession>;
  viewEntries(task: ViewTask): Promise<EntryView>;
  verify(): Promise<SessionEvidence | null>;
}>;

/** Null where the account has no such session. */
export async function viewSession(
  tasks: ViewTasks,
  order: ViewOrder,
  stop: StopFlag,
): Promise<SessionView | null> {
  const { withPayloads, ...wanted } = order;
  const facts = await tasks.viewFacts({ log: order.log, withPayloads, stop });
  if (facts.kind === 'no_session') return null;
  const { found, agentName, payloads } = facts;
  const view = (size: number) => tasks.viewEntries({ ...wanted, size, stop });
  const whole = () => view(Number.POSITIVE_INFINITY);
  // A log that has ended does not grow. Of one that may, no entry is shown that the verdict is not on.
  if (found.session.endedAt !== null) {
    const [evidence, entries] = await Promise.all([tasks.verify(), whole()]);
    return evidence && { ...evidence, agentName, payloads, entries };
  }
  const evidence = await tasks.verify();
  if (!evidence) return null;
  const { verdict } = evidence;
  const entries = await (verdict.status === 'verified' ? view(verdict.size) : whole());
  return { ...evidence, agentName, payloads, entries };
}
