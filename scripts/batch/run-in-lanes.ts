/**
 * Works on the items, in order, some at a time. After a failure or an abort no further item is begun. Every lane has
 * ended when this does, so that nothing goes on behind an error. Rejects with the first failure; an abort is none.
 */
export async function runInLanes<T>(
  items: Iterable<T>,
  { lanes, signal }: Readonly<{ lanes: number; signal?: AbortSignal | undefined }>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // The lanes share one iterator: each item is taken once.
  const queue = Iterator.from(items);
  let failed = false;
  const runLane = async () => {
    try {
      for (const item of queue) {
        if (failed || signal?.aborted) return;
        await work(item);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, runLane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
