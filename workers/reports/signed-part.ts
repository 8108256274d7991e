// What is signed of an account log, for whoever reads its entries: nothing else in the database tells them from others.
import type { AccountLogs, SignedPart } from '../../shared/reports/account-log.ts';
import { checkCheckpoint } from '../../shared/reports/check-checkpoint.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';

/**
 * By the newest checkpoint, and by the largest that the process knew before. Null where the newest is signed by none of this
 * deployment's keys.
 */
export async function readSignedPart(
  { reader, keys }: AccountLogs,
  accountId: string,
  known: KnownRoot | null,
): Promise<SignedPart | null> {
  const signed = await reader.checkpoint(accountId);
  const checkpoint = signed && checkCheckpoint(signed, keys, accountId);
  if (signed && !checkpoint) return null;
  return { size: checkpoint?.size ?? 0, roots: [checkpoint, known].filter((each) => each !== null) };
}
