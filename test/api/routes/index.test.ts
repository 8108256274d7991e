// The table of routes, without a database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { CONSOLE_PAGES } from '../../../api/console/index.ts';
import type { RouteSpec } from '../../../api/http/route-spec.ts';
import { ROUTES } from '../../../api/routes/index.ts';
import { ERROR_CODES } from '../../../shared/errors/app-error.ts';

type JsonSchema = Readonly<{ [key: string]: unknown; properties?: Record<string, JsonSchema> }>;

/** Paths of the fields, at any depth, that have no description. */
function listUndescribed(schema: z.ZodType, io: 'input' | 'output'): string[] {
  const walk = (node: unknown, path: string): string[] => {
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node as JsonSchema).flatMap(([key, value]) => {
      if (key !== 'properties') return walk(value, path);
      return Object.entries(value as Record<string, JsonSchema>).flatMap(([name, field]) => [
        ...(field.description ? [] : [`${path}${name}`]),
        ...walk(field, `${path}${name}.`),
      ]);
    });
  };
  return walk(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), '');
}

/** Schemas of what a route sends. */
function responsesOf(route: RouteSpec): z.ZodType[] {
  if (route.kind === 'empty') return [];
  return route.kind === 'file' ? Object.values(route.response) : [route.response];
}

test('the table of routes has every route but the dashboard', () => {
  assert.deepEqual(
    ROUTES.map(({ method, path, permission, kind }) => `${method} ${path} ${permission} ${kind}`),
    [
      'get /api/v1/sessions sessions:read file',
      'get /api/v1/sessions/{session_id} sessions:read json',
      'get /api/v1/sessions/{session_id}/report reports:read file',
      'put /api/v1/sessions/{session_id} sessions:write json',
      'post /api/v1/sessions/{session_id}/events sessions:write json',
      'post /api/v1/sessions/{session_id}/end sessions:write json',
      'get /api/v1/sessions/{session_id}/proof log:read text',
      'get /api/v1/sessions/{session_id}/events/proof log:read json',
      'get /api/v1/sessions/{session_id}/events/{seq}/proof log:read json',
      'get /api/v1/sessions/{session_id}/evidence log:read file',
      'get /api/v1/agents agents:read file',
      'get /api/v1/agents/{agent_id} agents:read json',
      'put /api/v1/agents/{agent_id} agents:write json',
      'get /api/v1/agents/{agent_id}/sessions sessions:read file',
      'put /api/v1/policies/{name}/{version} policies:write json',
      'get /api/v1/reports reports:read file',
      'get /api/v1/agents/{agent_id}/report reports:read file',
      'get /api/v1/reports/ledger reports:read file',
      'get /api/v1/reports/{report_id} reports:read json',
      'get /api/v1/reports/{report_id}/content reports:read file',
      'delete /api/v1/reports/{report_id} reports:read empty',
      'get /api/v1/reports/{report_id}/statement log:read text',
      'get /api/v1/reports/{report_id}/proof log:read text',
      'get /api/v1/log/checkpoint log:read text',
      'get /api/v1/log/key log:read text',
      'get /api/v1/log/tile/{path+} log:read file',
      'get /api/v1/stats/redactions sessions:read file',
      'get /api/v1/access-log access:read file',
      'get /api/v1/tokens tokens:write json',
      'post /api/v1/tokens tokens:write json',
      'delete /api/v1/tokens/{token_id} tokens:write empty',
      'get /api/v1/webhooks webhooks:write json',
      'post /api/v1/webhooks webhooks:write json',
      'get /api/v1/webhooks/{webhook_id} webhooks:write json',
      'put /api/v1/webhooks/{webhook_id} webhooks:write json',
      'delete /api/v1/webhooks/{webhook_id} webhooks:write empty',
      'post /api/v1/webhooks/{webhook_id}/test webhooks:write json',
      'post /api/v1/webhooks/{webhook_id}/secret webhooks:write json',
      'get /api/v1/webhooks/{webhook_id}/deliveries webhooks:write json',
      'post /api/v1/webhooks/{webhook_id}/deliveries/{message_id}/retry webhooks:write json',
      'get /api/v1/me login json',
      'post /api/v1/auth/logout public empty',
      'get /health public json',
      'get /health/live public json',
      'get /health/ready public json',
      'get /metrics public text',
      'get /api/v1/openapi.json public json',
    ],
  );
});

test('no two routes have the same path', () => {
  const shapes = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
  assert.deepEqual(
    shapes.filter((shape, index) => shapes.indexOf(shape) !== index),
    [],
  );
});

for (const route of ROUTES) {
  test(`${route.path} is declared in full`, async (t) => {
    await t.test('each param of the path has a schema, and every schema a param', () => {
      const named = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name);
      assert.deepEqual(Object.keys(route.params.shape), named);
    });

    await t.test('every param, query field and response field has a description', () => {
      assert.deepEqual(listUndescribed(route.params, 'input'), []);
      assert.deepEqual(listUndescribed(route.query, 'input'), []);
      if (route.body) assert.deepEqual(listUndescribed(route.body.schema, 'input'), []);
      for (const response of responsesOf(route)) {
        assert.deepEqual(listUndescribed(response, 'output'), []);
      }
    });

    await t.test('every error code exists and is listed once', () => {
      for (const code of route.errors) assert.ok(ERROR_CODES.includes(code), code);
      assert.equal(new Set(route.errors).size, route.errors.length);
    });

    await t.test('the summary is one sentence', () => {
      assert.match(route.summary, /^[A-Z][^.]{8,98}\.$/);
    });
  });
}

test('a file has a schema for each media type', () => {
  const files = ROUTES.filter((route) => route.kind === 'file');
  assert.deepEqual(
    files.map(({ response }) => Object.keys(response)),
    [
      ['application/json', 'text/csv'],
      ['application/json', 'application/pdf'],
      ['application/zip'],
      ['application/json', 'text/csv'],
      ['application/json', 'text/csv'],
      ['application/json', 'application/pdf', 'text/csv'],
      ['application/json', 'application/pdf', 'text/csv'],
      ['application/json', 'text/csv'],
      ['application/json', 'application/pdf', 'text/csv'],
      ['application/octet-stream'],
      ['application/json', 'text/csv'],
      ['application/json', 'text/csv'],
    ],
  );
});

test('a field without a description is found at any depth', () => {
  const bare = z.object({
    plain: z.string(),
    named: z.string().describe('Named.').optional(),
    list: z.array(z.object({ inner: z.int().nullable() })).describe('List.'),
    either: z.union([z.literal('x'), z.object({ other: z.string() })]).describe('Either.'),
  });
  assert.deepEqual(listUndescribed(bare, 'output'), ['plain', 'list.inner', 'either.other']);
});

test('routes that read many rows take turns, and none that ends a token or a login waits behind them', () => {
  const paths = [...ROUTES, ...CONSOLE_PAGES].filter(({ takesTurns }) => takesTurns).map(({ path }) => path);
  assert.deepEqual(paths.toSorted(), [
    ...['/', '/access', '/agents', '/agents/{agent_id}'],
    ...[
      '/api/v1/access-log',
      '/api/v1/agents',
      '/api/v1/agents/{agent_id}',
      '/api/v1/agents/{agent_id}/sessions',
    ],
    ...['/api/v1/reports/ledger', '/api/v1/sessions', '/api/v1/stats/redactions'],
    ...['/api/v1/webhooks/{webhook_id}/deliveries', '/policies', '/reports', '/sessions'],
  ]);
});
