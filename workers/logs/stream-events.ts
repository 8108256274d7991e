// A session page's events, a bounded batch at a time: a batch is written out in a thread when the one before was taken.

import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict } from '../../shared/audit/verdict.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';
import type { TaskInput, TaskName, TaskResult } from '../threads/threads.ts';
import { logRef } from './ranges.ts';

export type EventStream = Readonly<{
  chunks: AsyncIterable<Uint8Array>;
  verdict: Promise<LogVerdict>;
  counts: Promise<LogCounts>;
}>;

/** Segments written out at a time: about a quarter of a megabyte of usual events. */
const SEGMENTS_AT_A_TIME = 4;

/** Runs one task in its turn. Between two of them a slow reader holds no place in the queue. */
export type TaskRunner = <N extends TaskName>(name: N, input: TaskInput<N>) => Promise<TaskResult<N>>;

/** `abandon` is called when the chunks are dropped, be it before the first: then nobody waits for the walk. */
export function streamEvents(
  run: TaskRunner,
  session: Session,
  verdict: Promise<LogVerdict>,
  abandon: () => void,
): EventStream {
  const counts = Promise.withResolvers<LogCounts>();
  // Whoever reads only the chunks hears of a failure there.
  for (const outcome of [verdict, counts.promise]) outcome.catch(() => {});

  async function* writeChunks(): AsyncGenerator<Uint8Array> {
    try {
      const tally = new Tally();
      const log = logRef(logRecordOf(session));
      const found = await verdict;
      // A log that is well is shown as it was checked; of one that is not, everything that is stored.
      let left = found.status === 'verified' ? found.size : Number.POSITIVE_INFINITY;
      let ahead = found.status === 'verified' ? expectedSegments(left) : await run('listSegments', log);
      let separator = '';
      while (ahead.length > 0) {
        const batch = ahead.slice(0, SEGMENTS_AT_A_TIME);
        const last = batch.at(-1) as number;
        ahead = ahead.slice(SEGMENTS_AT_A_TIME);
        const events = await run('presentEvents', { log, indexes: batch, limit: left });
        left -= events.taken;
        // Entries prove a log, not how they are spread: some may lie in segments beyond.
        if (ahead.length === 0 && left > 0) {
          ahead = (await run('listSegments', log)).filter((index) => index > last);
        }
        tally.addCounts(events.counts);
        if (events.json.length === 0) continue;
        if (separator !== '') yield Buffer.from(separator);
        yield events.json;
        separator = ',';
      }
      counts.resolve(tally.counts());
    } catch (error) {
      counts.reject(error);
      throw error;
    }
  }

  const written = writeChunks();
  const iterator = {
    next: () => written.next(),
    // A generator that is dropped before its first chunk never runs, so this is not left to its body.
    async return() {
      abandon();
      counts.reject(new AppError('report_generation_failed', 'The events were not read to their end'));
      return written.return(undefined);
    },
  };
  return { chunks: { [Symbol.asyncIterator]: () => iterator }, verdict, counts: counts.promise };
}

function expectedSegments(size: number): number[] {
  return Array.from({ length: Math.ceil(size / SEGMENT_SIZE) }, (_, i) => i);
}
