// The OpenAPI 3.1 document of a table of routes: a pure function, so that the file in the repository can be compared.
import { ANSWER_HEADERS, type HeaderRow } from '../answer-headers.ts';
import type { RouteSpec } from '../route-spec.ts';
import { ABOUT } from './about.ts';
import { errorAnswers } from './answers.ts';
import { collectSchemas } from './components.ts';
import { ERROR_LIST, errorAnswer, REASON_LIST } from './errors.ts';
import { type Tag, tagOf } from './names.ts';
import { collectOperation } from './operation.ts';
import { REQUEST_HEADERS } from './parameters.ts';

export function createDocument(routes: readonly RouteSpec[], version: string): object {
  const schemas = collectSchemas();
  const operations = routes.map((route) => ({ route, write: collectOperation(route, schemas) }));
  // Twice: the schemas take their names in the first round, and the examples look them up in the second.
  for (const { write } of operations) write(() => ({}));
  const known = schemas.finish();

  const paths: Record<string, Record<string, object>> = {};
  for (const { route, write } of operations) {
    // OpenAPI has no params that hold slashes: what `{path+}` takes is written as one.
    const path = route.path.replaceAll('+}', '}');
    paths[path] = { ...paths[path], [route.method]: write(() => known) };
  }
  const responses = Object.fromEntries(
    routes.flatMap(errorAnswers).map(({ name, codes }) => [name, errorAnswer(codes)]),
  );
  const headers = Object.fromEntries(
    Object.entries(ANSWER_HEADERS).map(([name, row]) => [name, headerOf(row)]),
  );
  return {
    openapi: '3.1.1',
    info: {
      title: 'Masker evidence service',
      version,
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The host that this document comes from.' }],
    tags: tagsOf(routes),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      parameters: onlyNamed(REQUEST_HEADERS, 'parameters', paths),
      headers: onlyNamed(headers, 'headers', { paths, responses }),
      responses,
      schemas: known,
    },
    'x-errors': ERROR_LIST,
    'x-report-failure-reasons': REASON_LIST,
  };
}

const SECURITY_SCHEMES = {
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'masker_session',
    description: 'A login of a person. A browser that is signed in at the console sends it by itself.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token of a program, `msk_…`: made by `npm run tokens` or on the console. It goes before a cookie.',
  },
};

/** The components of a kind that something refers to. */
function onlyNamed(components: object, kind: string, where: object): object {
  const text = JSON.stringify(where);
  return Object.fromEntries(
    Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)),
  );
}

function headerOf({ description, example, pattern }: HeaderRow): object {
  return { description, schema: { type: 'string', ...(pattern && { pattern }) }, example };
}

function tagsOf(routes: readonly RouteSpec[]): Tag[] {
  const tags = new Map(routes.map(({ path }) => tagOf(path)).map((tag) => [tag.name, tag]));
  return [...tags.values()];
}
