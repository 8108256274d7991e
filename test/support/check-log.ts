// A stored log as it is found: its entries, its row, and the verdict on them.
import { judgeWalk } from '../../shared/audit/judge.ts';
import { recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { nameFault } from '../../shared/audit/name-fault.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import { readStoredEntries } from '../../shared/log-store/segment-reader.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';
import type { LogWorld } from './audit-world.ts';
import { readTexts } from './segments.ts';

type ParsedEntry = Readonly<{
  seq: number;
  event_id: string;
  prev_hash: string;
  this_hash: string;
  kind: string;
}>;

export async function checkLog(
  world: Pick<LogWorld, 'sessions' | 'keyring' | 'reader' | 'db'>,
  { accountId, id }: Pick<Session, 'accountId' | 'id'>,
): Promise<{ session: Session; entries: ParsedEntry[]; verdict: LogVerdict }> {
  const session = (await world.sessions.find(accountId, id)) as Session;
  const texts = await readTexts(world.db, session);
  const entries = texts.map((text) => JSON.parse(text) as ParsedEntry);
  return { session, entries, verdict: await judgeStored(world, session) };
}

async function judgeStored(
  world: Pick<LogWorld, 'keyring' | 'reader'>,
  session: Session,
): Promise<LogVerdict> {
  const record = logRecordOf(session);
  const { key } = world.keyring.find({ ...session, ...session.log });
  if (!key) throw new Error('The session was written under another key');
  const stored = () => readStoredEntries(world.reader, session.accountId, session.id);
  const log = { agentId: session.agentId, sessionId: session.id };
  const walker = new LogWalker(log, key.hasher, { snapshotSizes: recordedSizes(record) });
  for await (const { bytes, begin, end } of stored()) {
    const fault = walker.step(bytes, begin, end);
    if (fault) return nameFault(fault, stored);
  }
  return judgeWalk([walker.finish()], record, key);
}
