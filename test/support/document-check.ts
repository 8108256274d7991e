// Holds every answer of an API under test against its OpenAPI document. What the document does not have is a fault: a
// status, a media type, an error code, a header, a field.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type Koa from 'koa';
import { ANSWER_HEADERS } from '../../api/http/answer-headers.ts';
import type { ApiState } from '../../api/http/context.ts';
import { type Answered, findFault } from './document-faults.ts';

type App = Pick<Koa<ApiState>, 'callback'>;

export type DocumentCheck = Readonly<{
  /** The app, whose answers are looked at as they are sent. */
  watch(app: App): App;
  /** Throws with all faults of all answers so far. */
  assertAsDocumented(): void;
}>;

export function createDocumentCheck(): DocumentCheck {
  const faults = new Set<string>();
  return {
    watch: (app) => ({
      callback() {
        const answer = app.callback();
        return (request, response) => {
          keepAnswer(request as IncomingMessage, response as ServerResponse, (answered) => {
            const fault = findFault(answered);
            if (fault !== null) faults.add(fault);
          });
          return answer(request, response);
        };
      },
    }),
    assertAsDocumented() {
      if (faults.size === 0) return;
      throw new Error(
        `Answers that api/openapi.json does not have (npm run openapi writes it from the specs of the routes):\n${[...faults].join('\n')}`,
      );
    },
  };
}

/** An answer that is cut off is no answer. */
function keepAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  take: (answered: Answered) => void,
): void {
  const pieces: Buffer[] = [];
  const keep = (piece: unknown, encoding: unknown) => {
    if (typeof piece === 'string') pieces.push(Buffer.from(piece, encoding as BufferEncoding | undefined));
    else if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece));
  };
  const write = response.write.bind(response) as (...parts: unknown[]) => boolean;
  const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse;
  response.write = (...parts: unknown[]) => {
    keep(parts[0], typeof parts[1] === 'string' ? parts[1] : undefined);
    return write(...parts);
  };
  response.end = (...parts: unknown[]) => {
    keep(parts[0], typeof parts[1] === 'string' ? parts[1] : undefined);
    return end(...parts);
  };
  response.once('finish', () => {
    const body = decode(Buffer.concat(pieces), String(response.getHeader('Content-Encoding') ?? ''));
    take({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      takesHtml: request.headers.accept?.includes('text/html') ?? false,
      status: response.statusCode,
      type: String(response.getHeader('Content-Type') ?? '')
        .split(';')[0]!
        .trim(),
      headers: new Map(
        [...Object.keys(ANSWER_HEADERS), 'Allow'].flatMap((name) => {
          const value = response.getHeader(name);
          return value === undefined ? [] : [[name, String(value)]];
        }),
      ),
      body,
    });
  });
}

function decode(body: Buffer, encoding: string): Buffer {
  if (body.length === 0) return body;
  if (encoding === 'gzip') return gunzipSync(body);
  return encoding === 'br' ? brotliDecompressSync(body) : body;
}
