/**
 * A flag in memory that threads share. Once it is 1, the tasks that hold it stop between two batches, and the thread does
 * not wait for a task that waits for the database.
 */
export type StopFlag = Int32Array;

export function createStopFlag(): StopFlag {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function setStop(stop: StopFlag): void {
  Atomics.store(stop, 0, 1);
  Atomics.notify(stop, 0);
}

export function isStopped(stop: StopFlag): boolean {
  return Atomics.load(stop, 0) !== 0;
}

/** Resolves once the flag is set. A wait takes memory until then, so a flag that is waited for has to be set at last. */
export async function untilStopped(stop: StopFlag): Promise<void> {
  await Atomics.waitAsync(stop, 0, 0).value;
}
