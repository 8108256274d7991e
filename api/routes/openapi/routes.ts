// The OpenAPI document of these very routes. `npm run openapi` makes the file from their specs.
import { z } from 'zod';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none } from '../../http/route-spec.ts';

export const OPENAPI_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'Sends the OpenAPI document of the API.',
    permission: 'public',
    params: none,
    query: none,
    kind: 'json',
    response: z
      .looseObject({
        openapi: z
          .string()
          .describe('Version of OpenAPI.')
          .meta({ examples: ['3.1.1'] }),
      })
      .describe('An OpenAPI 3.1 document.'),
    statuses: [200, 304],
    headers: ['ETag'],
    errors: [],
    handler: sendDocument,
  }),
];

function sendDocument({ openApi }: Pick<ApiDeps, 'openApi'>, ctx: ApiContext): void {
  ctx.status = 200;
  // It is the same for everyone, and changes with the version of the service: whoever keeps it asks whether it has.
  ctx.set('Cache-Control', 'public, no-cache');
  ctx.set('ETag', openApi.etag);
  ctx.type = 'json';
  if (namesTag(ctx.get('If-None-Match'), openApi.etag)) ctx.status = 304;
  else ctx.body = openApi.bytes;
}

/**
 * Whether `If-None-Match` has the tag (RFC 9110 §13.1.2). Koa's `fresh` also heeds `Cache-Control: no-cache`, which `fetch`
 * adds to such a request.
 */
function namesTag(condition: string, etag: string): boolean {
  return condition.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}
