// What a page and a form of the console state of themselves. They are mounted as routes are, with the same checks in the
// same order: where a form comes from, login, rate limit, permission, input, existence.
import getRawBody from 'raw-body';
import { z } from 'zod';
import { AppError, type ErrorCode } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { parseQuery, withoutEmpty } from '../../http/query.ts';
import {
  defineRoute,
  none,
  type RouteInput,
  type RoutePermission,
  type RouteSpec,
} from '../../http/route-spec.ts';
import type { Html } from '../markup/html.ts';

/** What a page shows. The frame puts the title above `main`, and navigation around it. */
export type PageContent = Readonly<{
  title: string;
  main: Html;
  /** 200 unless a form is shown again with what is wrong in it. */
  status?: number;
}>;

/**
 * Where a form leads once it has done its work (303, RFC 9110 §15.4.4): a path of this host. A `URL` leads to another one,
 * and is never made from what a request holds.
 */
export type Redirect = Readonly<{ redirectTo: `/${string}` | URL }>;

/** Where a page stands in the navigation, which shows it to whoever holds the page's permission. */
export type NavigationEntry = Readonly<{ label: string; group: 'evidence' | 'account' | 'operators' }>;

type Common<Params extends z.ZodObject> = Readonly<{
  /** From the root, params in braces. */
  path: `/${string}`;
  /** One line for a reader of the code. */
  summary: string;
  permission: RoutePermission;
  params: Params;
  errors: readonly ErrorCode[];
}>;

type PageOf<Params extends z.ZodObject, Query extends z.ZodObject, Input> = Common<Params> &
  Readonly<{
    /** Fields that a form left empty count as left out. */
    query: Query;
    navigation?: NavigationEntry;
    /** As of a route: only where no secret stands beside a text that somebody else chose. */
    compressed?: true;
    /** As of a route: reads many rows. */
    takesTurns?: true;
    /** GET records something: a page of another site may not send it. */
    records?: true;
    show(deps: ApiDeps, ctx: ApiContext, input: Input): Promise<PageContent | Redirect> | PageContent;
    /** Looks for what the path names, for HEAD. A page without it is made as a whole, where that costs little. */
    find?(deps: ApiDeps, ctx: ApiContext, input: Input): Promise<unknown>;
  }>;

type FormOf<Params extends z.ZodObject, Fields extends z.ZodObject, Input> = Common<Params> &
  Readonly<{
    fields: Fields;
    submit(deps: ApiDeps, ctx: ApiContext, input: Input): Promise<PageContent | Redirect>;
  }>;

/** A page in the console's list. */
export type Page = PageOf<z.ZodObject, z.ZodObject, never>;
/** A form in the console's list. */
export type Form = FormOf<z.ZodObject, z.ZodObject, never>;

/** What a form's handler gets: the path's params, and the fields as their schema reads them. */
export type FormInput<Params extends z.ZodObject, Fields extends z.ZodObject> = Readonly<{
  params: RouteInput<Params, typeof none>['params'];
  fields: z.output<Fields>;
}>;

export function definePage<Params extends z.ZodObject, Query extends z.ZodObject>(
  page: PageOf<Params, Query, RouteInput<Params, Query>>,
): Page {
  return page;
}

/** A form is sent with POST. One that does no work but chooses what a page shows is a GET of that page. */
export function defineForm<Params extends z.ZodObject, Fields extends z.ZodObject>(
  form: FormOf<Params, Fields, FormInput<Params, Fields>>,
): Form {
  return form;
}

/** Puts the frame around a page's content. */
export type Framed = (ctx: ApiContext, content: PageContent) => string;

export function pageRoute({ show, find, ...page }: Page, frame: Framed): RouteSpec {
  return defineRoute({
    ...page,
    ...(find && {
      async head(deps: ApiDeps, ctx: ApiContext, input: unknown) {
        await find(deps, ctx, input as never);
        ctx.type = 'html';
      },
    }),
    method: 'get',
    kind: 'page',
    response: z.string(),
    async handler(deps, ctx, input) {
      answer(ctx, await show(deps, ctx, input as never), frame);
    },
  });
}

export function formRoute({ submit, fields, ...form }: Form, frame: Framed): RouteSpec {
  return defineRoute({
    ...form,
    method: 'post',
    kind: 'page',
    query: none,
    response: z.string(),
    async handler(deps, ctx, { params }) {
      const input = { params, fields: parseQuery(fields, withoutEmpty(await readForm(ctx))) };
      answer(ctx, await submit(deps, ctx, input as never), frame);
    },
  });
}

function answer(ctx: ApiContext, content: PageContent | Redirect, frame: Framed): void {
  if ('redirectTo' in content) {
    ctx.status = 303;
    ctx.set('Location', String(content.redirectTo));
    ctx.body = '';
    return;
  }
  ctx.status = content.status ?? 200;
  ctx.type = 'html';
  ctx.body = frame(ctx, content);
}

const FORM_LIMIT = '64kb';

async function readForm(ctx: ApiContext): Promise<string> {
  const is = ctx.is('application/x-www-form-urlencoded');
  // Null: there is no body, as of a form without fields.
  if (is === null) return '';
  if (is === false) {
    throw new AppError('validation_failed', 'A form is sent as application/x-www-form-urlencoded.');
  }
  try {
    return await getRawBody(ctx.req, { limit: FORM_LIMIT, encoding: 'utf8' });
  } catch (cause) {
    throw new AppError('validation_failed', `A form holds ${FORM_LIMIT} at most.`, { cause });
  }
}
