import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import { readStoredEntries, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';

/** What a log that has grown since said when it held `size` entries. Throws if it changes for the worse meanwhile. */
export async function walkPrefix(
  reader: SegmentReader,
  session: Session,
  key: AuditKey,
  size: number,
): Promise<VerifiedLog> {
  const walker = new LogWalker({ agentId: session.agentId, sessionId: session.id }, key.hasher, {
    snapshotSizes: [size],
  });
  if (size > 0) {
    for await (const { bytes, begin, end } of readStoredEntries(reader, session.accountId, session.id)) {
      const fault = walker.step(bytes, begin, end);
      if (fault) throw new Error(`The log changed while it was read: ${fault.fault} at seq ${fault.seq}`);
      if (walker.end === size) break;
    }
  }
  const range = walker.finish();
  const log = { ...session.log, size: range.end, headHashHex: range.headHashHex, seal: null };
  const asItWas = { ...session, log, merkleRootHex: null, merkleRootSize: null };
  const verdict = judgeWalk([range], logRecordOf(asItWas), key);
  if (verdict.status !== 'verified' || verdict.size !== size) {
    throw new Error('The log changed while it was read');
  }
  return verdict;
}
