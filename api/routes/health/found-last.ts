// What a look at the database found last, for /health: a database that answers may be busy for a moment.
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';

/** For so long what was found last counts while a database that answers takes its time. */
const REMEMBERED_MS = 30_000;

type Found = Readonly<{ value: unknown; atMs: number }>;

const foundLast = new WeakMap<object, Found>();

/**
 * What the look finds, or what the last one under this key found where it does not end in time: it goes on, and the next caller
 * has its answer. Rejects with its error, and with a time-out where nothing was found for 30 s.
 */
export async function orFoundLast<T>(key: object, look: () => Promise<T>, deadlineMs: number): Promise<T> {
  const looking = look().then((value) => {
    foundLast.set(key, { value, atMs: performance.now() });
    return value;
  });
  const inTime = AbortSignal.timeout(deadlineMs);
  try {
    return await unlessAborted(inTime, looking);
  } catch (error) {
    const last = foundLast.get(key);
    if (!inTime.aborted || !last || performance.now() - last.atMs > REMEMBERED_MS) throw error;
    return last.value as T;
  }
}
