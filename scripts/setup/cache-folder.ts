// Where downloads are kept: outside DATA_DIR, so that removing the data does not remove the downloads.
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'masker-evidence');
}
