import type { LoggedEntry } from '../../../shared/transparency/log-reader.ts';
import { formatTlogProof } from '../../../shared/transparency/tlog-proof.ts';

/** The `.tlog-proof` of an entry (C2SP tlog-proof), with the entry itself as its extra data. */
export function proofTextOf({ text, index, hashes, checkpoint }: LoggedEntry): string {
  return formatTlogProof({ extra: Buffer.from(text), index, hashes, checkpoint: checkpoint.text });
}
