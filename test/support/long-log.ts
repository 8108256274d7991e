// Account logs of any size, quickly: entries of no session, appended as a keeper appends.
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogSegments, segmentAfter } from '../../shared/transparency/log-segments.ts';
import { segmentText } from '../../shared/transparency/segment-note.ts';
import { NEVER, type TestLogs } from './account-logs.ts';
import type { LogWorld } from './audit-world.ts';

/** The `i`th entry. */
export function entryText(accountId: string, i: number): string {
  const sha256 = i.toString(16).padStart(64, '0');
  return `{"account_id":"${accountId}","kind":"policy_stored","name":"p","sha256":"${sha256}","version":1}`;
}

/** Appends entries until the log has so many, and has it signed. */
export async function growLog(
  { db }: Pick<LogWorld, 'db'>,
  { signing, logs }: Pick<TestLogs, 'signing' | 'logs'>,
  accountId: string,
  size: number,
): Promise<void> {
  const segments = createLogSegments(db);
  const heads = createLogHeads(db);
  let tail = await segments.findTail(accountId, (await heads.find(accountId)).marked);
  const [signer] = signing.signers;
  while (tail.size < size) {
    const texts = Array.from({ length: Math.min(256, size - tail.size) }, (_, i) =>
      entryText(accountId, tail.size + i),
    );
    const { taken, ...next } = segmentAfter(tail, texts);
    const signature = await signer.sign(segmentText(signing.identity, accountId, next));
    if (!(await segments.replaceTail(accountId, tail, { ...next, signature })))
      throw new Error('Lost a race');
    tail = { ...next, signature, size: tail.size + taken };
  }
  await heads.raiseMarked(accountId, tail.size);
  const { failed } = await logs.keep(accountId, NEVER);
  if (failed !== null) throw new Error(failed);
}
