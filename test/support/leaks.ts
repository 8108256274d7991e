// Whether everything that a test opened is closed again.
import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';

const WATCHED = ['TCPServerWrap', 'TCPSocketWrap', 'PipeWrap', 'ProcessWrap', 'MessagePort'] as const;
/** The other end of a connection hears of its end a little later. */
const PATIENCE_MS = 3_000;

/** Starts watching; the function that is returned rejects if more is open then than now. */
export function watchForLeaks(): () => Promise<void> {
  const before = countOpen();
  return async () => {
    await eventually('nothing is open that the test opened', () => assert.deepEqual(findLeaks(before), []), {
      deadlineMs: PATIENCE_MS,
    });
  };
}

function findLeaks(before: ReadonlyMap<string, number>): string[] {
  return [...countOpen()]
    .map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const)
    .filter(([, surplus]) => surplus > 0)
    .map(([kind, surplus]) => `${surplus} ${kind}`);
}

function countOpen(): Map<string, number> {
  const open = process.getActiveResourcesInfo();
  return new Map(WATCHED.map((kind) => [kind, open.filter((name) => name === kind).length]));
}
