// What a route states of itself, and who answers for it. Specs are data and need no database: the routes are mounted
// from them, and so are the OpenAPI document and the pages of the console.
import { z } from 'zod';
import type { Permission } from '../../shared/accounts/permissions.ts';
import type { ErrorCode } from '../../shared/errors/app-error.ts';
import type { AnswerHeader } from './answer-headers.ts';
import type { ApiContext, ApiDeps } from './context.ts';

/** `public`: anyone. `login`: any login or token. Otherwise a login or token that holds the permission. */
export type RoutePermission = 'public' | 'login' | Permission;

/** The schema of a path without params, or of a query without parameters. */
export const none = z.object({});

/** The body that a route demands. Text is UTF-8; JSON is read strictly (RFC 7493) before its schema sees it. */
export type RouteBody<Schema extends z.ZodType> = Readonly<{
  mediaType: 'application/json' | 'application/yaml';
  /** Bytes at most. */
  limit: number;
  schema: Schema;
}>;

/** What a handler gets of the request: the path's params, the query and the body, as their schemas read them. */
export type RouteInput<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
> = Readonly<{
  /** Null where the text does not match its schema: such an id names nothing, and is answered as an unknown one is. */
  params: { readonly [Name in keyof z.output<Params>]: z.output<Params>[Name] | null };
  query: z.output<Query>;
  body: z.output<Body>;
}>;

/** Answers one request. It declares, by a `Pick`, the dependencies that it uses. */
type Handler<Input> = (deps: ApiDeps, ctx: ApiContext, input: Input) => Promise<void> | void;

/**
 * What a success sends. A `file` is sent in one of several media types, or later: `accepted` is what 202 says of an order.
 * A `page` is HTML; `empty` is a bare status.
 */
type Answer =
  | Readonly<{ kind: 'json'; response: z.ZodType }>
  | Readonly<{ kind: 'page' | 'text'; response: z.ZodString }>
  | Readonly<{ kind: 'empty' }>
  | Readonly<{
      kind: 'file';
      response: Readonly<Record<`${string}/${string}`, z.ZodType>>;
      accepted?: z.ZodType;
    }>;

type Spec<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType, Input> = Answer &
  Readonly<{
    /** A route that takes GET takes HEAD as well. One that takes another refuses pages of other hosts with `forbidden`. */
    method: 'get' | 'post' | 'put' | 'delete';
    /** From the root, params in braces, as OpenAPI writes it. */
    path: `/${string}`;
    /** One line for a reader who chooses a route. */
    summary: string;
    permission: RoutePermission;
    params: Params;
    /** A name that it does not have is `validation_failed`. */
    query: Query;
    /** A route without one reads none. */
    body?: RouteBody<Body>;
    /** Statuses that the response is sent with, where 200 is not the only one. With 304 it is tagged (`ETag`). */
    statuses?: readonly number[];
    /** Headers of a success, besides those that follow from the rest. */
    headers?: readonly AnswerHeader[];
    /**
     * Codes of the errors that it answers, besides those that follow from the rest: `unauthenticated`, `rate_limited`
     * and `forbidden` from the permission, `validation_failed` from the query, `body_too_large` and
     * `unsupported_media_type` from the body, `overloaded`, `unavailable` and `internal_error` always.
     */
    errors: readonly ErrorCode[];
    /**
     * Sent in a content coding where the caller takes one. Only where no secret stands beside a text that a caller chose
     * (BREACH), and never a stream of events.
     */
    compressed?: true;
    /** Reads many rows: an account has few such requests answered at once, and the others wait (`overloaded`). */
    takesTurns?: true;
    /** GET records something, so a page of another site may have a browser send neither it nor HEAD: `forbidden`. */
    records?: true;
    handler: Handler<Input>;
    /**
     * Answers HEAD in place of `handler`: looks for what is named, sets the headers that GET would set, and makes and
     * records nothing. A route without one runs `handler`, whose body is then not sent: only where that costs little.
     */
    head?: Handler<Input>;
  }>;

/** A route in the table. `defineRoute` has checked that its handlers take what its schemas give, hence `never`. */
export type RouteSpec = Spec<z.ZodObject, z.ZodObject, z.ZodType, never>;

export function defineRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Params, Query, Body, RouteInput<Params, Query, Body>>): RouteSpec {
  return spec;
}
