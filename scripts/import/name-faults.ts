// Names the faults of a bundle's logs where the name depends on the log's other entries. Reads the file once for all logs:
// a reading for each would take hours where many logs of a large bundle have such a fault.
import { ENTRY_LIMIT } from '../../shared/audit/chain.ts';
import type { FaultNamer } from '../../shared/audit/name-fault.ts';
import type { LogCheck } from './log-check.ts';
import { readLines } from './read-lines.ts';
import { routeEntry } from './route-entry.ts';

/** Must come after every log took its lines. Reads nothing where all names are known. */
export async function nameFaults(auditPath: string, logs: ReadonlyMap<string, LogCheck>): Promise<void> {
  const unnamed = new Map<string, FaultNamer>();
  for (const [id, { namer }] of logs) if (namer && !namer.isNamed) unnamed.set(id, namer);
  if (unnamed.size === 0) return;
  for await (const lines of readLines(auditPath, ENTRY_LIMIT)) {
    for (const { bytes } of lines) {
      const id = routeEntry(bytes);
      const namer = id === null ? undefined : unnamed.get(id);
      if (!bytes || id === null || !namer) continue;
      namer.take(bytes);
      if (namer.isNamed) unnamed.delete(id);
    }
    if (unnamed.size === 0) return;
  }
}
