// Entity tags: whoever polls names the answer that it has, and gets 304 without a body where nothing changed. Answers are
// `no-store`, which forbids caches to keep them, not callers to remember what they were sent: a program that shows a list
// keeps it anyway, and spares the transfer and the parsing.
import { createHash } from 'node:crypto';
import type { ApiContext } from './context.ts';

/**
 * Tags an answer that is in memory, and makes it a 304 where the caller has it. Stands behind the access record: a look is
 * recorded whether its bytes are sent again or not. `isWeak` of an answer that is sent in several content codings: a strong
 * tag would have to tell their bytes apart.
 */
export function tagAnswer(ctx: ApiContext, { isWeak }: Readonly<{ isWeak: boolean }>): void {
  // A route may have tagged its answer, or made it a stream.
  if (ctx.status !== 200 || ctx.res.hasHeader('ETag')) return;
  const determining = determine(ctx.body);
  if (determining === null) return;
  const digest = createHash('sha256').update(determining).digest('base64url');
  const tag = `${isWeak ? 'W/' : ''}"${digest}"`;
  ctx.set('ETag', tag);
  if (namesTag(ctx.get('If-None-Match'), tag)) ctx.status = 304;
}

/**
 * What an answer is compared by. Of a page of a list its rows, and whether there is another: the cursor holds the time of
 * the request too, and continues behind the last row at any time.
 */
function determine(body: unknown): string | Uint8Array | null {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== Object.prototype)
    return null;
  if (!('next_cursor' in body)) return JSON.stringify(body);
  return JSON.stringify({ ...body, next_cursor: body.next_cursor !== null });
}

/**
 * Whether `If-None-Match` has the tag, by the weak comparison (RFC 9110 §13.1.2). Koa's `fresh` also heeds `Cache-Control:
 * no-cache`, which `fetch` adds to such a request.
 */
function namesTag(condition: string, tag: string): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return condition.split(',').some((given) => given.trim() === '*' || opaque(given) === opaque(tag));
}
