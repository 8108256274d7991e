// The parameters of a route: of its path, its query and its headers.
import type { RouteSpec } from '../route-spec.ts';
import { exampleOf } from './example.ts';
import { type JsonSchema, toJsonSchema } from './json-schema.ts';

/** A parameter, or a reference to one that many routes have. */
export type Parameter = Readonly<Record<string, unknown>>;

/** Headers of requests. Each stands in the document once. */
export const REQUEST_HEADERS = {
  'X-Request-Id': header(
    'X-Request-Id',
    'Names the request in the log of the service, if it has this form; else the service makes an id.',
    'req_01KQGDBJ00Z4M8T6XJ3V5C9R2N',
  ),
  Prefer: header(
    'Prefer',
    'respond-async (RFC 7240) orders the report for the background: 202 with its address.',
    'respond-async',
  ),
  Range: header('Range', 'A single range of bytes (RFC 9110 §14.2): 206 with these bytes.', 'bytes=0-1023'),
  'If-Range': header(
    'If-Range',
    'The ETag for which Range counts; the whole file is sent for another.',
    '"d2ab1c8e09f4"',
  ),
  'If-None-Match': header(
    'If-None-Match',
    'The ETag of what the caller has: 304 where it is still that.',
    '"d2ab1c8e09f4"',
  ),
} as const;

function header(name: string, description: string, example: string): Parameter {
  return { name, in: 'header', description, required: false, schema: { type: 'string' }, ...shown(example) };
}

export function parametersOf(route: RouteSpec): Parameter[] {
  return [
    ...schemaParameters(route, 'path'),
    ...schemaParameters(route, 'query'),
    ...headersOf(route).map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

function headersOf(route: RouteSpec): (keyof typeof REQUEST_HEADERS)[] {
  const names: (keyof typeof REQUEST_HEADERS)[] = ['X-Request-Id'];
  if (route.kind === 'file' && route.accepted) names.push('Prefer');
  if (route.statuses?.includes(206)) names.push('Range', 'If-Range');
  if (route.statuses?.includes(304)) names.push('If-None-Match');
  return names;
}

function schemaParameters(route: RouteSpec, place: 'path' | 'query'): Parameter[] {
  const schema = place === 'path' ? route.params : route.query;
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...field }]) => {
    const isRequired = place === 'path' || required.includes(name);
    const example = exampleOf(field, () => ({}));
    const { examples: _, ...plain } = field;
    return {
      name,
      in: place,
      // OpenAPI has no word for a param that holds slashes.
      ...(route.path.includes(`{${name}+}`) && { 'x-rest-of-path': true }),
      ...(description !== undefined && { description }),
      required: isRequired,
      schema: plain,
      ...(example !== undefined && (isRequired ? { example } : shown(example))),
    };
  });
}

/** The example of an optional parameter. /docs would send each one with every request, were it not disabled there. */
function shown(example: unknown): Parameter {
  return { examples: { example: { value: example, 'x-disabled': true } } };
}
