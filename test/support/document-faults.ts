// What an answer has that the OpenAPI document does not.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type JsonSchema, mapSchema } from '../../api/http/openapi/json-schema.ts';

/** An answer as it was sent. */
export type Answered = Readonly<{
  method: string;
  target: string;
  /** The caller is a browser: errors are pages. */
  takesHtml: boolean;
  status: number;
  type: string;
  /** The headers that the document knows. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
}>;

type Ref = Readonly<{ $ref?: string }>;
type Media = Readonly<{
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}>;
export type DocumentAnswer = Ref &
  Readonly<{ headers?: Record<string, Ref>; content?: Record<string, Media> }>;
export type Operation = Readonly<{
  operationId: string;
  parameters: readonly (Ref &
    Readonly<{
      name: string;
      schema: JsonSchema;
      example?: unknown;
      examples?: Record<string, { value: unknown }>;
      'x-rest-of-path'?: true;
    }>)[];
  requestBody?: Readonly<{ content: Record<string, Media> }>;
  responses: Record<string, DocumentAnswer>;
}>;
export type OpenApiDocument = Readonly<{
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, JsonSchema>>;
}>;

/** The committed document. */
export const DOCUMENT = JSON.parse(
  readFileSync(new URL('../../api/openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument;

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(strictAnswers(DOCUMENT), 'document');

/**
 * The document lets answers have fields that it does not know, since later versions may add some. This version has none,
 * so here each object has the fields that it lists and no other.
 */
function strictAnswers(document: OpenApiDocument): object {
  const strict = (schema: JsonSchema) =>
    mapSchema(schema, (node) =>
      'properties' in node && !('additionalProperties' in node)
        ? { ...node, additionalProperties: false }
        : node,
    );
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'schema') return strict(value);
    if (key === 'schemas') {
      return Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, strict(part)]));
    }
    return value;
  }) as object;
}

const compiled = new Map<string, ValidateFunction>();

/** The check of a schema at a place of the document, such as `#/components/schemas/Agent`. */
export function checkAt(place: string): ValidateFunction {
  const known = compiled.get(place) ?? ajv.compile({ $ref: `document${place}` });
  compiled.set(place, known);
  return known;
}

/** A place in the document as the fragment of a URL (RFC 6901 §6). */
export function placeOf(...steps: readonly string[]): string {
  return `#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}

/** The part that a reference stands for, or the part itself, with its place. */
export function follow<Part extends Ref>(part: Part, place: string): { part: Part; place: string } {
  if (part.$ref === undefined) return { part, place };
  const steps = part.$ref.slice(2).split('/');
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], DOCUMENT);
  return { part: found as Part, place: placeOf(...steps) };
}

/** One line with the route and the reason; null where the answer is as the document has it. */
export function findFault(answered: Answered): string | null {
  const path = pathOf(answered.target);
  if (path !== null && !IN_DOCUMENT.test(path)) return null;
  const route = path === null ? undefined : ROUTES.find(({ form }) => form.test(path));
  const method = answered.method === 'HEAD' ? 'get' : answered.method.toLowerCase();
  const operation = route && DOCUMENT.paths[route.template]?.[method];
  const reason = operation
    ? faultOf(answered, operation, ['paths', route.template, method])
    : faultOfUnrouted(answered, route?.template ?? null);
  return reason && `${answered.method} ${route?.template ?? answered.target} → ${answered.status}: ${reason}`;
}

/** Pages, their files and the board stand beside the document. */
const IN_DOCUMENT = /^\/(api|health|metrics)(\/|$)/;

/** Paths without params come first, as in the table of routes. */
const ROUTES = Object.entries(DOCUMENT.paths)
  .map(([template, operations]) => {
    const takesRest = Object.values(operations).some(({ parameters }) =>
      parameters.some((p) => p['x-rest-of-path']),
    );
    const escaped = template.replaceAll(/[.+]/g, '\\$&');
    return { template, form: new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, takesRest ? '.+' : '[^/]+')}$`) };
  })
  .sort((a, b) => a.template.split('{').length - b.template.split('{').length);

/** The path as it was sent: `URL` would resolve its dots, and routers do not. */
function pathOf(target: string): string | null {
  const [path = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  return path.startsWith('/') ? path : null;
}

function faultOfUnrouted(
  { method, status, type, body, takesHtml, headers }: Answered,
  route: string | null,
): string | null {
  if (route !== null && (method === 'OPTIONS' || status === 405)) {
    const [allowed, wanted] = [headers.get('Allow'), allowedOf(route)];
    if (allowed !== wanted) return `Allow is ${allowed ?? 'missing'}, and should be ${wanted}`;
  }
  if (method === 'OPTIONS' && route !== null) return status === 204 ? null : 'not 204';
  if (takesHtml && type === 'text/html') return null;
  const [wanted, code] = route !== null ? [405, 'method_not_allowed'] : [404, 'not_found'];
  if (status !== wanted) return `no route has this, so it should be ${wanted}`;
  if (method === 'HEAD') return null;
  const sent = JSON.parse(body.toString()) as { error?: { code?: unknown } };
  return sent.error?.code === code ? null : `the code is not ${code}`;
}

/** The methods of a path as the document has them, in the form of `Allow`. */
function allowedOf(template: string): string {
  const methods = Object.keys(DOCUMENT.paths[template] ?? {}).map((method) => method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
}

function faultOf(answered: Answered, operation: Operation, steps: readonly string[]): string | null {
  const { status, type, body, headers, method, takesHtml } = answered;
  const stated = operation.responses[String(status)];
  if (!stated) return `has only the statuses ${Object.keys(operation.responses).join(', ')}`;
  const { part: answer, place } = follow(stated, placeOf(...steps, 'responses', String(status)));
  const header = [...headers].find(([name, value]) => !isStated(answer, name, value));
  if (header) return `the header ${header.join(': ')} is not in it, or has another form`;
  if (!headers.has('X-Request-Id')) return 'lacks the header X-Request-Id';
  if (takesHtml && type === 'text/html' && status >= 400) return null;
  if (!answer.content) return body.length === 0 ? null : 'has no body';
  const media = answer.content[type];
  if (!media)
    return `has only the media types ${Object.keys(answer.content).join(', ')}, not ${type || 'none'}`;
  if (method === 'HEAD') return null;
  return faultOfBody(
    body,
    media,
    type,
    `${place}/content/${encodeURIComponent(type.replaceAll('/', '~1'))}/schema`,
  );
}

function isStated({ headers = {} }: DocumentAnswer, name: string, value: string): boolean {
  const stated = headers[name];
  if (!stated) return false;
  const { schema } = follow(stated, '').part as unknown as { schema: { pattern?: string } };
  return schema.pattern === undefined || new RegExp(schema.pattern).test(value);
}

function faultOfBody(body: Buffer, { schema }: Media, type: string, place: string): string | null {
  if (schema.contentMediaType !== undefined) return null;
  const check = checkAt(place);
  const value = type === 'application/json' ? readJson(body) : body.toString();
  if (value === undefined) return 'the body is no JSON';
  if (check(value)) return null;
  return (check.errors ?? [])
    .slice(0, 5)
    .map(
      ({ instancePath, message, params }) =>
        `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
    )
    .join('; ');
}

/** Undefined where it is none. */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
