/**
 * Runs `work` on the items in order, `lanes` of them at a time. Begins no item after a failure or an abort. Settles
 * once every lane has ended, so that nothing goes on behind an error. Rejects with the error of the first lane, in the order
 * of lanes, that has one. An abort is no error.
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
