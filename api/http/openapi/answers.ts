// The answers of a route, by status.
import type { z } from 'zod';
import { type AnswerHeader, LOGIN_HEADERS } from '../answer-headers.ts';
import type { RouteSpec } from '../route-spec.ts';
import type { Collected } from './components.ts';
import { answerName, byStatus, errorCodesOf } from './errors.ts';
import { type JsonSchema, toJsonSchema } from './json-schema.ts';

/** A schema that is written once all are known, since it may then be a reference. */
export type Pending = () => JsonSchema;

type Content = Readonly<Record<string, Readonly<{ schema: Pending }>>>;
export type Answer = Readonly<{ description: string; headers?: object; content?: Content }>;

/** The answers of a success. `name` is what a schema without a name of its own is called. */
export function successAnswers(route: RouteSpec, schemas: Collected, name: string): Map<number, Answer> {
  const statuses = route.statuses ?? [200];
  return new Map(statuses.map((status) => [status, successAnswer(route, status, schemas, name)]));
}

function successAnswer(route: RouteSpec, status: number, schemas: Collected, name: string): Answer {
  const content = contentOf(route, status, schemas, name);
  return {
    description: STATUS_TEXTS[status] ?? 'The answer.',
    headers: headerRefs(['X-Request-Id', ...headersOf(route, status)]),
    ...(content && { content }),
  };
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Stored: it was not there before.',
  202: 'Ordered: the report is made in the background.',
  204: 'Done. There is no body.',
  206: 'The bytes that were asked for.',
  304: 'The caller has it as it is.',
  503: 'The service cannot serve.',
};

function contentOf(route: RouteSpec, status: number, schemas: Collected, name: string): Content | null {
  if (route.kind === 'empty' || status === 204 || status === 304) return null;
  const one = (schema: z.ZodType) => ({ schema: schemas.add(toJsonSchema(schema, 'output'), name) });
  if (route.kind !== 'file') return { [TYPES[route.kind]]: one(route.response) };
  if (status === 202) return route.accepted ? { 'application/json': one(route.accepted) } : null;
  const files = Object.entries(route.response);
  // A part of a JSON file is no JSON.
  if (status === 206) return Object.fromEntries(files.map(([type]) => [type, { schema: () => PART }]));
  return Object.fromEntries(files.map(([type, schema]) => [type, one(schema)]));
}

const TYPES = { json: 'application/json', text: 'text/plain', page: 'text/html' } as const;

const PART: JsonSchema = { type: 'string', contentMediaType: 'application/octet-stream' };

function headersOf(route: RouteSpec, status: number): AnswerHeader[] {
  const always = route.permission === 'public' ? [] : LOGIN_HEADERS;
  if (status === 202) return [...(route.kind === 'file' ? ORDER_HEADERS : []), ...always];
  const part: AnswerHeader[] = status === 206 ? ['Content-Range'] : [];
  const named = route.kind === 'file' && status !== 304 ? (['Content-Disposition'] as const) : [];
  return [...new Set([...named, ...part, ...(route.headers ?? []), ...always])];
}

const ORDER_HEADERS = ['Location', 'Preference-Applied'] as const;

function headerRefs(names: readonly AnswerHeader[]): object {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** References to the answers of failures, and the codes that each name stands for. */
export function errorAnswers(route: RouteSpec) {
  return [...byStatus(errorCodesOf(route))].map(([status, codes]) => ({
    status,
    codes,
    name: answerName(codes),
  }));
}
