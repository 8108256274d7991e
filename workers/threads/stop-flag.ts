/** A flag in memory that threads share. Once it is 1, the tasks that hold it stop between two batches. */
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
