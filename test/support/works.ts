// Work for a test of turns.
import { setImmediate as turn } from 'node:timers/promises';

/** Work that begins when it is its turn, notes that, and ends when it is told to. */
export function createWorks() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    endOldest: async () => {
      ends.shift()?.();
      await turn();
    },
    work: (name: string) => () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      return promise;
    },
  };
}
