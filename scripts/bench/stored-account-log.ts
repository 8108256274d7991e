// Stores an account log of any size: entries of no session, appended as a keeper of the log appends.
import type { Db } from 'mongodb';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogSegments, segmentAfter } from '../../shared/transparency/log-segments.ts';
import type { Signing } from '../../shared/transparency/open-signing.ts';
import { segmentText } from '../../shared/transparency/segment-note.ts';

const SEGMENT = 256;

/** Appends entries until the log has `size`. Signs no checkpoint. */
export async function storeAccountLog(
  db: Db,
  signing: Signing,
  accountId: string,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const segments = createLogSegments(db);
  const [signer] = signing.signers;
  let tail = await segments.findTail(accountId, 0);
  while (tail.size < size) {
    signal.throwIfAborted();
    const from = tail.size;
    const texts = Array.from({ length: Math.min(SEGMENT, size - from) }, (_, i) =>
      entryText(accountId, from + i),
    );
    const { taken, ...next } = segmentAfter(tail, texts);
    const signature = await signer.sign(segmentText(signing.identity, accountId, next));
    if (!(await segments.replaceTail(accountId, tail, { ...next, signature })))
      throw new Error('Lost a race');
    tail = { ...next, signature, size: from + taken };
  }
  await createLogHeads(db).raiseMarked(accountId, tail.size);
}

/** As long as the entry of a closed session. */
function entryText(accountId: string, i: number): string {
  const hash = i.toString(16).padStart(64, '0');
  const name = 'n'.repeat(400);
  return `{"account_id":"${accountId}","kind":"policy_stored","name":"${name}","sha256":"${hash}","version":1}`;
}
