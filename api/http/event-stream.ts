// Server-sent events (HTML Living Standard §9.2): an answer that goes on until there is nothing more to tell.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopSignal } from './connections.ts';
import type { ApiContext } from './context.ts';
import { requestSignal } from './request-signal.ts';

/** One event. Without a name it is a `message`. */
export type ServerEvent = Readonly<{
  name?: string;
  data: string;
  /** After how long a browser connects again once the stream has ended. */
  retryMs?: number;
}>;

/** Sets what an answer with events has; HEAD sends nothing else. */
export function setEventHeaders(ctx: ApiContext): void {
  ctx.type = 'text/event-stream';
  // nginx and its like gather what a server sends unless they are told not to.
  ctx.set('X-Accel-Buffering', 'no');
}

/** Aborts when the caller leaves, when the server stops, and after `lifeMs`. */
export function eventSignal(ctx: ApiContext, lifeMs: number): AbortSignal {
  return AbortSignal.any([requestSignal(ctx.res), stopSignal(ctx.res), AbortSignal.timeout(lifeMs)]);
}

/**
 * Sends events until `next` gives null or the signal aborts. `next` is asked every `everyMs`, and gives the events since
 * it was last asked. In a pause of `beatMs` a comment is sent: it shows proxies, and the server's own idle limit, that the
 * connection is in use, and finds callers who are gone without a word.
 */
export function sendEvents(
  ctx: ApiContext,
  next: () => Promise<readonly ServerEvent[] | null>,
  { signal, everyMs, beatMs }: Readonly<{ signal: AbortSignal; everyMs: number; beatMs: number }>,
): void {
  setEventHeaders(ctx);
  const { type } = ctx.response;
  // A caller who does not read stops the generator, and the server's idle limit cuts the connection.
  ctx.body = Readable.from(formatEvents(), { objectMode: false, highWaterMark: 1 << 14 });
  // Koa takes a stream for octets.
  ctx.type = type;

  async function* formatEvents(): AsyncGenerator<Buffer> {
    let sentAtMs = performance.now();
    while (!signal.aborted) {
      const events = await next();
      if (events === null) return;
      const isBeatDue = performance.now() - sentAtMs >= beatMs;
      const text = events.map(formatEvent).join('') || (isBeatDue ? ':\n\n' : '');
      if (text !== '') {
        yield Buffer.from(text);
        sentAtMs = performance.now();
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }
}

function formatEvent({ name, data, retryMs }: ServerEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  const head = `${name === undefined ? '' : `event: ${name}\n`}${retryMs === undefined ? '' : `retry: ${retryMs}\n`}`;
  return `${head}${lines.join('')}\n`;
}
