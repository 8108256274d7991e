import type { AuditKey } from './audit-keys.ts';
import { LogWalker } from './log-walker.ts';

/** Whether bytes are the first entry of a session's log, under this key: then a row that names another key was changed. */
export function isFirstEntry(
  session: ConstructorParameters<typeof LogWalker>[0],
  key: Pick<AuditKey, 'hasher'>,
  bytes: Buffer,
): boolean {
  const walker = new LogWalker(session, key.hasher, { snapshotSizes: [], listedLimit: 0 });
  return walker.step(bytes, 0, bytes.length) === null;
}
