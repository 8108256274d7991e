// How far the access record of each account went when this machine last wrote to it, in plain files beside the database.
// Nothing in a record tells that its newest rows were cut off, or put back to an older copy: these files do.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isHashHex } from '../audit/hash-hex.ts';
import { isId } from '../audit/ids.ts';
import type { AccessTail } from './access-repository.ts';

/** The files, one an account. */
export type HeadFiles = ReturnType<typeof createHeadFiles>;

const FOLDER = 'access-heads';
const SUFFIX = '.json';

/** Keeps the files in a folder of `dataDir`. Rejects with the system's error where they cannot be read or written. */
export function createHeadFiles(dataDir: string) {
  const folder = join(dataDir, FOLDER);
  const pathOf = (accountId: string) => {
    if (!isId('account', accountId)) throw new TypeError('Not the id of an account');
    return join(folder, `${accountId}${SUFFIX}`);
  };
  return {
    /** The end that was seen last; null where there is no file, or one that nobody wrote whole. */
    async read(accountId: string): Promise<AccessTail | null> {
      const text = await readFile(pathOf(accountId), 'utf8').catch(unlessMissing);
      return text === null ? null : parseHead(text);
    },

    /** Resolves once it is on the disk. */
    async write(accountId: string, { size, hashHex }: AccessTail): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(pathOf(accountId), `${JSON.stringify({ size, this_hash: hashHex })}\n`, {
        mode: 0o600,
      });
    },

    /** The accounts that have a file, in ascending order. */
    async accounts(): Promise<string[]> {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      const ids = names.flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []));
      return ids.filter((id) => isId('account', id)).sort();
    },
  };
}

function parseHead(text: string): AccessTail | null {
  try {
    const { size, this_hash: hashHex } = JSON.parse(text) as Record<string, unknown>;
    const isHead = Number.isSafeInteger(size) && Number(size) > 0 && isHashHex(hashHex);
    return isHead ? { size: Number(size), hashHex } : null;
  } catch {
    return null;
  }
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
