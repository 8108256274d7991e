// The tasks of a report over many sessions: what is in the window, batches of short logs, and the report itself.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { newId } from '../../shared/audit/ids.ts';
import { LISTED_LIMIT, Tally } from '../../shared/audit/tally.ts';
import { createPolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import { chooseSampled, composeWideReport } from '../../shared/reports/compose-wide.ts';
import { windowCsv } from '../../shared/reports/window-csv.ts';
import type {
  SampledSession,
  WalkedSession,
  WindowCount,
  WindowFacts,
  WindowLog,
} from '../../shared/reports/window-facts.ts';
import { windowRoot } from '../../shared/reports/window-root.ts';
import { UnreadablePayloads } from '../../shared/sessions/session-payloads.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { StartedQuery, StartedSession } from '../../shared/sessions/started-session.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { type AheadDeps, readAhead } from '../logs/read-ahead.ts';
import { verifyHere } from '../logs/verify-session.ts';
import { draftPdf } from '../pdf/pdf-tasks.ts';
import { moveBytes } from '../threads/moved-bytes.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';
import type { MadeReport, Refused, WideOrder } from './report-orders.ts';
import { cutBatches, type WindowBatch } from './walk-window.ts';
import { PartBuilder, type WalkedPart } from './walked-part.ts';
import {
  anchorsOf,
  checkNamedEntries,
  checkUnlisted,
  readShared,
  readWindowCheckpoint,
  readWindowLog,
} from './window-log.ts';
import { proveWindow, windowAttachments } from './window-proof.ts';

export type WideReader = ReturnType<typeof createWideReader>;
export type WideDeps = AheadDeps &
  Readonly<{
    wide: WideReader;
    /** Null in a deployment without account logs. */
    logs: AccountLogs | null;
  }>;

/** Reads what a report over many sessions states besides their logs. */
export function createWideReader(db: Db) {
  return {
    sessions: createSessionRepository(db),
    accounts: createAccountRepository(db),
    agents: createAgentRepository(db),
    policies: createPolicyRepository(db),
  };
}

export type WindowTask = Readonly<{ accountId: string; query: StartedQuery; stop: StopFlag }>;

export type ListTask = WindowTask &
  Readonly<{
    sessionsLimit: number;
    /** The largest checkpoint of the account log that the process knows. */
    known: KnownRoot | null;
  }>;

/** What is in a window, when it was listed, and how it is walked: in ascending order of ids. */
export type ListedWindow = Readonly<{
  sessions: number;
  at: Date;
  batches: readonly WindowBatch[];
  /** The window from its start to this time holds no more sessions than the limit; null where the whole window does. */
  fitsUntil: Date | null;
  /** What the account log says of it; null where there is none. */
  accountLog: ListedLog | null;
}>;

/** What the account log says of a window, and the root under its checkpoint. */
export type ListedLog = WindowLog & Readonly<{ root: Uint8Array }>;

export async function listWindow(
  { wide, logs }: WideDeps,
  { accountId, query, sessionsLimit, known }: ListTask,
): Promise<ListedWindow | Refused> {
  const checkpoint = await readWindowCheckpoint(logs, accountId);
  if (checkpoint && 'problem' in checkpoint) return refuse(checkpoint.problem);
  const listed = await wide.sessions.listStarted(accountId, query);
  const found = { sessions: listed.length, at: new Date() };
  if (listed.length > sessionsLimit)
    return { ...found, batches: [], fitsUntil: endOf(listed, sessionsLimit), accountLog: null };
  if (!logs) return { ...found, batches: cutBatches(listed), fitsUntil: null, accountLog: null };
  const size = checkpoint?.evidence.logSize ?? 0;
  const stated = checkpoint && { size, root: checkpoint.root };
  const under = { size, roots: [stated, known].filter((each) => each !== null) };
  const log =
    (await checkNamedEntries(logs.reader, accountId, listed, under)) ??
    (await readWindowLog(logs.reader, accountId, under, { query, listed }));
  if ('problem' in log) return refuse(log.problem);
  const unlisted = await checkUnlisted(wide.sessions, accountId, log);
  if (unlisted) return refuse(unlisted.problem);
  const { entries, entriesInWindow, missing } = log;
  const accountLog = checkpoint && { ...checkpoint, entriesInWindow, missing };
  return { ...found, batches: cutBatches(listed, entries), fitsUntil: null, accountLog };
}

function refuse(problem: string): Refused {
  return { kind: 'refused', reason: 'account_log', problem };
}

/** The start of the first session that is too many. */
function endOf(listed: readonly StartedSession[], sessionsLimit: number): Date {
  const starts = listed.map(({ startedAt }) => startedAt.getTime()).sort((a, b) => a - b);
  return new Date(starts[sessionsLimit] as number);
}

export type WalkTask = Readonly<{ accountId: string; stop: StopFlag }> &
  Pick<WindowBatch, 'sessionIds' | 'logged'>;

/** Sessions whose rows and segments are read at once. The next ones are read while these are hashed. */
const AHEAD = 64;

/** Walks short logs, one after the other. A log that has grown long since it was listed is walked all the same. */
export async function walkSessions(deps: WideDeps, task: WalkTask): Promise<WalkedPart> {
  const { accountId, sessionIds, stop } = task;
  const part = new PartBuilder();
  const entries = readShared(task.logged);
  const read = (first: number) => {
    const reading = readAhead(deps, accountId, sessionIds.slice(first, first + AHEAD));
    // A task that is stopped never awaits what was read ahead.
    reading.catch(() => {});
    return { reading, at: new Date() };
  };
  let ahead = read(0);
  for (let first = 0; first < sessionIds.length; first += AHEAD) {
    const { at } = ahead;
    const near = await ahead.reading;
    if (first + AHEAD < sessionIds.length) ahead = read(first + AHEAD);
    for (const sessionId of sessionIds.slice(first, first + AHEAD)) {
      if (isStopped(stop)) throw new Error('The walk was stopped');
      const logged = entries.get(sessionId);
      const order = { accountId, sessionId, anchors: anchorsOf(logged), until: null, listed: 0 };
      part.add(sessionId, await verifyHere(near, order, stop), at, logged);
    }
  }
  return part.build();
}

export type ComposeWideTask = Readonly<{
  order: WideOrder;
  /** In the order of the listed sessions. */
  parts: readonly Omit<WalkedPart, 'outcomes'>[];
  query: StartedQuery;
  /** The count from before the walk. The window is counted again beside the other reads. */
  before: WindowCount;
  accountLog: ListedLog | null;
  /** The entries about its sessions, batch by batch. */
  logged: readonly Uint8Array[];
  stop: StopFlag;
}>;

export type ComposedWide = Readonly<{ kind: 'made'; report: MadeReport }> | Refused;

/** The report, from the parts of its window and what is stored beside them. */
export async function composeWide(deps: WideDeps, task: ComposeWideTask): Promise<ComposedWide> {
  const { wide } = deps;
  const { order, parts, query, before, accountLog, stop } = task;
  const { accountId, subject } = order;
  const walked = join(parts);
  const { sessions } = walked;
  const agentIds = new Set(sessions.map(({ agentId }) => agentId));
  if (subject.scope === 'agent') agentIds.add(subject.agentId);
  const policyHashes = [...new Set(sessions.map(({ policy }) => policy.sha256Hex))];
  const rootHex = windowRoot(sessions);
  const sampledIds = chooseSampled(sessions, rootHex).map(({ id }) => id);
  const [after, account, agentNames, policies, sampled] = await Promise.all([
    countWindow(wide, accountId, query),
    wide.accounts.find(accountId),
    wide.agents.namesById(accountId, [...agentIds]),
    Promise.all(policyHashes.map((sha256Hex) => wide.policies.find(accountId, sha256Hex))),
    Promise.all(sampledIds.map((id) => readSampled(wide, accountId, id))),
  ]);
  const attachments = accountLog && (await proveSessions(deps, task, accountLog, sessions));
  if (attachments && 'problem' in attachments) return refuse(attachments.problem);
  // The time is taken after the logs were read: a report is no older than its contents.
  const made = { id: order.reportId ?? newId('report'), generatedAt: new Date() };
  const facts: WindowFacts = {
    ...made,
    subject,
    exceptionsRule: order.exceptions,
    account: account ?? { id: accountId, name: accountId },
    issuedTo: order.issuedTo,
    agentNames,
    walked,
    counted: { before, after },
    policies: new Map(policies.flatMap((policy) => (policy ? [[policy.sha256Hex, policy]] : []))),
    sampled,
    baaChainText: order.baaChainText,
    accountLog,
  };
  const composed = composeWideReport(facts, () => isStopped(stop), rootHex);
  if (!composed.ok) return { kind: 'refused', reason: composed.reason, problem: composed.problem };
  // TextEncoder gives bytes that own their memory; a pooled Buffer cannot be transferred to another thread.
  const json = new TextEncoder().encode(composed.json);
  const { report } = composed;
  const stated = {
    ...made,
    rootHex: report.merkle_root_hex,
    size: report.audit_log.entries_read,
    logState: null,
    since: subject.window.since,
    until: subject.window.until,
    jsonSha256Hex: composed.sha256Hex,
  };
  const draft = order.format === 'pdf' ? await draftPdf(report, json, order.paper) : null;
  const csv = order.format === 'csv' ? new TextEncoder().encode(windowCsv(report)) : undefined;
  const outcome: ComposedWide = {
    kind: 'made',
    report: { ...stated, json, draft, attachments: (draft && attachments) ?? [], ...(csv && { csv }) },
  };
  return moveBytes(outcome, csv ? [json, csv] : [json]);
}

/** The entries of the account log that the report names, and their proof, once they are proven. */
async function proveSessions(
  { logs }: WideDeps,
  { order: { accountId }, logged }: ComposeWideTask,
  { evidence: { logSize: size }, root }: ListedLog,
  sessions: readonly WalkedSession[],
): Promise<Attachment[] | Readonly<{ problem: string }>> {
  if (!logs) throw new Error('No thread proves without the keys of the account logs');
  const indexes = new Set(sessions.map(({ logIndex }) => logIndex));
  const entries = logged
    .flatMap((shared) => [...readShared(shared).values()].flat())
    .filter(({ index }) => indexes.has(index))
    .sort((a, b) => a.index - b.index);
  const hashes = await proveWindow(logs, accountId, entries, { size, root });
  return hashes ? windowAttachments(entries, hashes, size) : { problem: UNPROVEN };
}

const UNPROVEN =
  'Entries of the account log about sessions of the window are not under its checkpoint. Look at /health and the log of the workers, which say whether the account log still holds';

async function countWindow(
  { sessions }: WideReader,
  accountId: string,
  query: StartedQuery,
): Promise<WindowCount> {
  return { sessions: await sessions.countStarted(accountId, query), at: new Date() };
}

async function readSampled({ sessions }: WideReader, accountId: string, id: string): Promise<SampledSession> {
  try {
    return { id, payloads: await sessions.findPayloads(accountId, id) };
  } catch (error) {
    if (error instanceof UnreadablePayloads) return { id, payloads: 'unreadable' };
    throw error;
  }
}

function join(parts: ComposeWideTask['parts']): WindowFacts['walked'] {
  const decoder = new TextDecoder();
  const tally = new Tally();
  for (const { counts } of parts) tally.addCounts(counts);
  const byId = <T extends Readonly<{ id: string }>>(a: T, b: T) => (a.id < b.id ? -1 : 1);
  return {
    sessions: parts.flatMap(({ rows }) => JSON.parse(decoder.decode(rows)) as WalkedSession[]).sort(byId),
    exceptions: parts.flatMap(({ exceptions }) => exceptions).sort(byId),
    gone: parts.flatMap(({ gone }) => gone).sort(),
    counts: tally.counts(),
    namedBy: parts.flatMap(({ namedBy }) => namedBy),
    rehydrationFailures: parts
      .flatMap(({ rehydrationFailures }) => rehydrationFailures)
      .sort((a, b) => (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : a.seq - b.seq))
      .slice(0, LISTED_LIMIT),
  };
}
