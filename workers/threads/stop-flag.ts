/** Shared with threads: set to 1, it stops the tasks that hold it between two batches. */
export type StopFlag = Int32Array;

export function createStopFlag(): StopFlag {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function setStop(stop: StopFlag): void {
  Atomics.store(stop, 0, 1);
}

export function isStopped(stop: StopFlag): boolean {
  return Atomics.load(stop, 0) !== 0;
}
