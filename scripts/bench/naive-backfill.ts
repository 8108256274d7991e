// The obvious backfill, as a first version would be: one session after the other, one thread, node:crypto.
import type { Db } from 'mongodb';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import { checkObviously, rootOfLevels } from './hash-ways.ts';

export async function backfillNaively(db: Db, accountId: string, key: Uint8Array): Promise<void> {
  const sessions = db.collection<StoredSession>(SESSIONS);
  const segments = createSegmentRepository(db);
  const due = await sessions.find({ account_id: accountId, merkle_root_hex: null }).toArray();
  for (const { _id, log } of due) {
    const texts: string[] = [];
    for (let index = 0; index * 256 < log.size; index += 1)
      texts.push(...(await segments.readEntries(accountId, _id, index)));
    const { rootHex } = checkObviously({ texts }, key, rootOfLevels);
    const change = { merkle_root_hex: rootHex, merkle_root_size: texts.length };
    await sessions.updateOne({ _id, account_id: accountId, merkle_root_hex: null }, { $set: change });
  }
}
