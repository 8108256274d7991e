// The body of a request, as its route's schema reads it. No message repeats what was sent.
import { setImmediate } from 'node:timers/promises';
import getRawBody from 'raw-body';
import { z } from 'zod';
import { JsonError, parseJson } from '../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { findInexactNumbers } from '../../shared/audit/inexact-numbers.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { createAccountTurns } from './account-turns.ts';
import type { ApiContext, ApiState } from './context.ts';
import type { RouteBody } from './route-spec.ts';
import { describeUnknown } from './unknown-names.ts';

/** Other names of a media type that senders use. */
const ALIASES = {
  'application/json': [],
  'application/yaml': ['application/x-yaml', 'text/yaml', 'text/x-yaml'],
} as const;

/**
 * Reads a body. Throws `unsupported_media_type` for one of another type, charset or encoding, `body_too_large`, and
 * `validation_failed` for one that is not UTF-8, no JSON, or not as its schema says: `param` is the first place at fault,
 * such as `events[3].ts`, or `body` for the whole. Throws `overloaded` where too many big ones wait.
 */
export async function readBody<Schema extends z.ZodType>(
  { mediaType, limit, schema }: RouteBody<Schema>,
  ctx: Pick<ApiContext, 'req' | 'is' | 'get' | 'set'> & Readonly<{ state: Partial<ApiState> }>,
): Promise<z.output<Schema>> {
  if (!ctx.is(mediaType, ...ALIASES[mediaType])) {
    // Null: there is no body at all.
    if (ctx.is() === null) throw noBody(mediaType);
    throw new AppError('unsupported_media_type', `Send the body as Content-Type: ${mediaType}.`);
  }
  if (!isUtf8(ctx.get('Content-Type'))) {
    throw new AppError('unsupported_media_type', `Send the body in UTF-8, as Content-Type: ${mediaType}.`);
  }
  const encoding = ctx.get('Content-Encoding').toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw new AppError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  }
  const text = decodeUtf8(await readBytes(ctx, limit));
  if (text === null) throw refuse('The body is not UTF-8.');
  if (text === '') throw noBody(mediaType);
  const read = async () => schema.safeParse(mediaType === 'application/json' ? await readJson(text) : text);
  const parsed = text.length > BIG ? await inTurn(ctx.state.actor?.accountId ?? NOBODY, read) : await read();
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const place = placeOf(issue.path);
  throw new AppError('validation_failed', `${place}: ${describe(issue, schema)}`, { param: place });
}

/** Whether every charset that a media type states is UTF-8, or its part US-ASCII; none is UTF-8. */
function isUtf8(contentType: string): boolean {
  return [...contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].every(([, charset]) =>
    /^(utf-?8|us-ascii)$/i.test(charset ?? ''),
  );
}

async function readBytes(ctx: Pick<ApiContext, 'req' | 'set'>, limit: number): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { limit, length: ctx.req.headers['content-length'] ?? null });
  } catch (cause) {
    if (typeOf(cause) === 'entity.too.large') {
      // The rest is dropped: the connection cannot carry another request.
      ctx.set('Connection', 'close');
      throw new AppError('body_too_large', `The body may have ${limit} bytes at most: send less at once.`);
    }
    throw new AppError('validation_failed', 'The body ended before its length.', { param: 'body', cause });
  }
}

function typeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'type' in error ? error.type : null;
}

/** Code units from which a text is big: to read it takes tens of milliseconds, and seconds where it was made for that. */
const BIG = 128 * 1024;

/** Big texts that wait, of up to 4 MiB each. */
const BIG_WAITING = 128;
/** Whose turn it is where nobody has signed in. */
const NOBODY = '';

const turns = createAccountTurns(() => 1, BIG_WAITING);

/**
 * Big texts are read one at a time, so that however many come at once, everything else has its turn between two of them.
 * Accounts take turns.
 */
function inTurn<T>(accountId: string, read: () => Promise<T>): Promise<T> {
  return turns.run(accountId, async () => {
    await setImmediate();
    return await read();
  });
}

/**
 * Strict first, since `JSON.parse` takes a name twice and lone surrogates; its plain objects are what schemas read. Lets the
 * event loop turn between two passes over a big text.
 */
async function readJson(text: string): Promise<unknown> {
  const isBig = text.length > BIG;
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw refuse(`The body is no JSON as RFC 7493 has it: ${error.message}.`);
    throw error;
  }
  if (isBig) await setImmediate();
  const inexact = findInexactNumbers(text);
  if (inexact) {
    throw refuse(
      `The body has a number at offset ${inexact.offset} that a double cannot hold, and so would be changed: write it as a string.`,
    );
  }
  if (isBig) await setImmediate();
  const value: unknown = JSON.parse(text);
  if (isBig) await setImmediate();
  return value;
}

function noBody(mediaType: string): AppError {
  return refuse(`The request needs a body: send ${mediaType}.`);
}

function refuse(message: string): AppError {
  return new AppError('validation_failed', message, { param: 'body' });
}

/** Members that the schema does not have are told by the nearest that it has: their own names may be anything. */
function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  return `has ${describeUnknown(issue.keys, namesAt(schema, issue.path), 'member').text}`;
}

/** The members of the object at a path of a schema; none where no object of the schema stands there. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of [...path, null]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodNullable) at = at.unwrap();
    if (step === null) break;
    if (at instanceof z.ZodObject) at = at.shape[String(step)];
    else at = at instanceof z.ZodArray ? at.element : null;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Such as `events[3].ts`. A name is spelt out where a schema has it: names that come from outside reach no path. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'body';
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
