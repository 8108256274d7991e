// One route as an operation of the document.
import type { SentCode } from '../error-table.ts';
import type { RouteSpec } from '../route-spec.ts';
import { type Answer, errorAnswers, successAnswers } from './answers.ts';
import { type Collected, findSchema, type Schemas, toName } from './components.ts';
import { errorExamples, errorSchema } from './errors.ts';
import { exampleOf } from './example.ts';
import { type JsonSchema, toJsonSchema } from './json-schema.ts';
import { operationIdOf, tagOf } from './names.ts';
import { parametersOf } from './parameters.ts';

/** Takes the schemas of a route in, and gives back how to write the operation once all are known. */
export function collectOperation(route: RouteSpec, schemas: Collected): (known: () => Schemas) => object {
  const operationId = operationIdOf(route.method, route.path);
  const name = toName(operationId);
  const success = successAnswers(route, schemas, `${name}Answer`);
  const body = route.body && schemas.add(toJsonSchema(route.body.schema, 'input'), `${name}Body`);
  return (known) => ({
    operationId,
    summary: route.summary.replace(/\.$/, ''),
    description: describe(route),
    tags: [tagOf(route.path).name],
    security: route.permission === 'public' ? [] : [{ cookie: [] }, { bearer: [] }],
    'x-permission': route.permission,
    parameters: parametersOf(route),
    ...(route.body &&
      body && {
        requestBody: {
          description: `${route.body.limit} bytes at most.`,
          required: true,
          'x-limit-bytes': route.body.limit,
          content: { [route.body.mediaType]: withExample(body(), known) },
        },
      }),
    responses: answersOf(route, success, known),
  });
}

function describe(route: RouteSpec): string {
  const { summary, permission, method, records, kind } = route;
  return [
    summary,
    DEMANDS[permission] ?? `Needs the permission \`${permission}\`.`,
    ...(method !== 'get' && permission !== 'public'
      ? ['With a cookie it needs the header `Origin` of this host, which browsers send by themselves.']
      : []),
    ...(records ? ['It is recorded, so a page of another site may send neither it nor `HEAD`.'] : []),
    ...(kind === 'file' && route.accepted
      ? ['With `Prefer: respond-async` the report is made in the background.']
      : []),
  ].join('\n\n');
}

const DEMANDS: Readonly<Record<string, string>> = {
  public: 'Needs no login.',
  login: 'Needs a login or a token, whatever it may do.',
};

function answersOf(route: RouteSpec, success: ReadonlyMap<number, Answer>, known: () => Schemas): object {
  const answers: Record<string, object> = {};
  for (const [status, { content, ...answer }] of success) {
    const written = Object.entries(content ?? {}).map(([type, { schema }]) => [
      type,
      withExample(schema(), known),
    ]);
    answers[status] = { ...answer, ...(content && { content: Object.fromEntries(written) }) };
  }
  for (const { status, name, codes } of errorAnswers(route)) {
    const own = success.get(status);
    answers[status] = own ? eitherAnswer(own, codes) : { $ref: `#/components/responses/${name}` };
  }
  return answers;
}

/** A status that says more than that the request failed: 503 of /health tells which part is away. */
function eitherAnswer({ content, ...answer }: Answer, codes: readonly SentCode[]): object {
  const written = Object.entries(content ?? {}).map(([type, { schema }]) => [
    type,
    {
      schema: { anyOf: [schema(), errorSchema(codes)] },
      examples: errorExamples(codes),
    },
  ]);
  return { ...answer, content: Object.fromEntries(written) };
}

function withExample(schema: JsonSchema, known: () => Schemas): object {
  const { examples, ...plain } = schema;
  const example = isBytes(schema)
    ? undefined
    : exampleOf({ ...plain, ...(examples ? { examples } : {}) }, (ref) => findSchema(known(), ref));
  return { schema: plain, ...(example !== undefined && { example }) };
}

function isBytes({ contentMediaType }: JsonSchema): boolean {
  return contentMediaType !== undefined;
}
