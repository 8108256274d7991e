import { readFile, stat } from 'node:fs/promises';
import { type BundleAccount, parseAccount } from '../bundle/account-json.ts';
import { BundleError, RefusedBundle } from './bundle-files.ts';
import { gunzipWhole } from './gzip.ts';

const LARGEST = 64 * 1024;

/**
 * What `account.json` says. Throws a `RefusedBundle` where that is of another account, and a `BundleError` where it cannot
 * be read.
 */
export async function readAccount(path: string, accountId: string): Promise<BundleAccount> {
  const account = parseAccount(await readBytes(path));
  if (account === null) throw unreadable(FORM);
  if (account.id === accountId) return account;
  throw new RefusedBundle(
    'account.json is of another account than agents.ndjson: one bundle holds one account',
  );
}

async function readBytes(path: string): Promise<Uint8Array> {
  let bytes: Buffer | string;
  try {
    if ((await stat(path)).size > LARGEST) throw new RangeError('too large');
    bytes = await readFile(path);
    if (path.endsWith('.gz')) bytes = gunzipWhole(bytes, LARGEST);
  } catch {
    throw unreadable(FORM);
  }
  if (typeof bytes === 'string') throw unreadable(bytes);
  return bytes;
}

function unreadable(why: string): BundleError {
  return new BundleError(`account.json cannot be read: it ${why}; export the account again, or remove it`);
}

const FORM = 'holds {"id", "name"}, and perhaps "paper" and "account_log_size", each once';
