// Times a report's database reads alone, a lower bound for the report's time, and its hashing alone.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createLoginRepository } from '../../shared/accounts/login-repository.ts';
import { createUserRepository } from '../../shared/accounts/user-repository.ts';
import { createAuditKey } from '../../shared/audit/audit-keys.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { StoredSegment } from '../../shared/log-store/segment.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createPolicyRepository } from '../../shared/policy/policy-repository.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { BenchAccount } from './bench-account.ts';
import { readSegments } from './read-segments.ts';
import { SAMPLE_KEY } from './sample-log.ts';

export type ReportReads = Readonly<{
  /** Milliseconds of all reads of a report, one after the other. A report makes some of them at once. */
  time(sessionId: string): Promise<number>;
  /** Milliseconds of its segments' reads, on one connection, batch after batch. */
  timeSegments(sessionId: string): Promise<number>;
  collect(sessionId: string): Promise<StoredSegment[]>;
}>;

export function createReportReads(db: Db, account: BenchAccount): ReportReads {
  const { accountId, agentId, policy, token } = account;
  const logins = createLoginRepository(db);
  const sessions = createSessionRepository(db);
  const ledger = createReportLedger(db);
  const reader = createSegmentReader(db);
  const accounts = createAccountRepository(db);
  const users = createUserRepository(db);
  const agents = createAgentRepository(db);
  const policies = createPolicyRepository(db);

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  }
  const skip = () => {};
  return {
    time: (sessionId) =>
      timed(async () => {
        const login = await logins.findByToken(token, new Date());
        await Promise.all([accounts.findActive(accountId), users.find(accountId, login?.userId ?? '')]);
        await sessions.find(accountId, sessionId);
        await ledger.reportedAnchors(accountId, sessionId);
        await readSegments(reader, accountId, sessionId, skip);
        await accounts.find(accountId);
        await agents.namesById(accountId, [agentId]);
        await policies.find(accountId, policy.sha256Hex);
        await sessions.findPayloads(accountId, sessionId);
      }),
    timeSegments: (sessionId) => timed(() => readSegments(reader, accountId, sessionId, skip)),
    async collect(sessionId) {
      const segments: StoredSegment[] = [];
      await readSegments(reader, accountId, sessionId, (segment) => segments.push(segment));
      return segments;
    },
  };
}

/** Milliseconds to check and hash a log in memory on this thread. */
export function timeHashing(
  agentId: string,
  sessionId: string,
  segments: readonly StoredSegment[],
  size: number,
): number {
  const key = createAuditKey(SAMPLE_KEY);
  const begin = performance.now();
  const walker = new LogWalker({ agentId, sessionId }, key.hasher);
  for (const segment of segments) {
    const { bytes, begins, ends } = segment.open();
    const fault = walker.stepAll(bytes, begins, ends);
    if (fault) throw new Error(`The walk found entry ${fault.seq} ${fault.fault}`);
  }
  const { end } = walker.finish();
  if (end !== size) throw new Error(`The walk found ${end} entries of ${size}`);
  return performance.now() - begin;
}
