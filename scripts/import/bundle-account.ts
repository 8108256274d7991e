import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { BundleError, RefusedBundle } from './bundle-files.ts';
import { NAME_LIMIT } from './bundle-rows.ts';

const LARGEST = 64 * 1024;
const schema = z.strictObject({ id: z.string(), name: z.string().min(1).max(NAME_LIMIT) });

/**
 * The account's display name, as `account.json` has it. Throws a `RefusedBundle` where that is another account's, and a
 * `BundleError` where it cannot be read.
 */
export async function readAccountName(path: string, accountId: string): Promise<string> {
  const account = await readAccount(path);
  if (account.id === accountId) return account.name;
  throw new RefusedBundle(
    'account.json is of another account than agents.ndjson: one bundle holds one account',
  );
}

async function readAccount(path: string): Promise<z.infer<typeof schema>> {
  try {
    if ((await stat(path)).size > LARGEST) throw new RangeError('too large');
    const bytes = await readFile(path);
    const text = path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes;
    return schema.parse(JSON.parse(text.toString('utf8')));
  } catch {
    throw new BundleError(
      'account.json cannot be read: it holds {"id", "name"}; export the account again, or remove it',
    );
  }
}
