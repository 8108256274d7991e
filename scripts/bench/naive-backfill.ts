// The obvious backfill, as a first version would be: one session after the other, one thread, node:crypto.
import type { Db } from 'mongodb';
import { SEGMENTS } from '../../shared/log-store/segment.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import { checkObviously, rootOfLevels } from './hash-ways.ts';

type Segment = { _id: string; entries: string[] };

export async function backfillNaively(db: Db, accountId: string, key: Uint8Array): Promise<void> {
  const sessions = db.collection<StoredSession>(SESSIONS);
  const segments = db.collection<Segment>(SEGMENTS);
  const due = await sessions.find({ account_id: accountId, merkle_root_hex: null }).toArray();
  for (const { _id, log } of due) {
    const ids = Array.from({ length: Math.ceil(log.size / 256) }, (_, i) => `${accountId}/${_id}/${i}`);
    const found = new Map(
      (await segments.find({ _id: { $in: ids } }).toArray()).map((segment) => [segment._id, segment]),
    );
    const texts = ids.flatMap((id) => found.get(id)?.entries ?? []);
    const { rootHex } = checkObviously({ texts }, key, rootOfLevels);
    const change = { merkle_root_hex: rootHex, merkle_root_size: texts.length };
    await sessions.updateOne({ _id, account_id: accountId, merkle_root_hex: null }, { $set: change });
  }
}
