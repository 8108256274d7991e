// Proves the sessions of a report under the checkpoint of the account log, before it states where they are in the log.
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { rootFromMultiproof } from '../../shared/merkle/verify-proof.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import { encodeBase64 } from '../../shared/transparency/exact-text.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import type { LoggedEntry } from './window-log.ts';

/** `entries` ascend by index, each once. Null where they are not under the root. */
export async function proveWindow(
  { reader }: Pick<AccountLogs, 'reader'>,
  accountId: string,
  entries: readonly LoggedEntry[],
  { size, root }: Readonly<{ size: number; root: Uint8Array }>,
): Promise<readonly Uint8Array[] | null> {
  const indexes = entries.map(({ index }) => index);
  const leafHashes = entries.map(({ text }) => hashLeaf(Buffer.from(text)));
  try {
    const hashes = await reader.multiproof(accountId, indexes, size);
    const proven = rootFromMultiproof({ indexes, leafHashes, size, hashes });
    return proven !== null && Buffer.compare(proven, root) === 0 ? hashes : null;
  } catch (error) {
    if (error instanceof DamagedLog) return null;
    throw error;
  }
}

/** The entries and their proof as a PDF carries them. */
export function windowAttachments(
  entries: readonly LoggedEntry[],
  hashes: readonly Uint8Array[],
  size: number,
): Attachment[] {
  const lines = entries.map(({ text }) => `${text}\n`).join('');
  const indexes = entries.map(({ index }) => index);
  const multiproof = { hashes: hashes.map(encodeBase64), indexes, size, v: 1 };
  const encode = (text: string) => new TextEncoder().encode(text);
  return [
    { name: 'session_closed.ndjson', bytes: encode(lines) },
    { name: 'session_closed.multiproof.json', bytes: encode(canonicalize({ multiproof })) },
  ];
}
