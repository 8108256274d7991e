// The OpenAPI document in the repository, without a database.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { SENT_ERRORS, type SentCode } from '../../../../api/http/error-table.ts';
import { UNROUTED_CODES } from '../../../../api/http/openapi/errors.ts';
import { currentDocument } from '../../../../api/openapi.ts';
import { ROUTES } from '../../../../api/routes/index.ts';
import { OPENAPI_FILE, README_FILE, withTables } from '../../../../scripts/write-openapi.ts';
import { checkAt, DOCUMENT, follow, type Operation, placeOf } from '../../../support/document-faults.ts';

const ROOT = join(import.meta.dirname, '../../../..');

type Place = Readonly<{ path: string; method: string; operation: Operation }>;

const OPERATIONS: readonly Place[] = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
);

test('api/openapi.json is what npm run openapi writes', async () => {
  const stored = JSON.parse(await readFile(OPENAPI_FILE, 'utf8')) as unknown;
  assert.deepEqual(stored, JSON.parse(JSON.stringify(currentDocument())), 'run: npm run openapi');
});

test('the tables of errors in README are what npm run openapi writes', async () => {
  const readme = await readFile(README_FILE, 'utf8');
  assert.equal(readme, withTables(readme), 'run: npm run openapi');
});

test("Redocly's linter has nothing to say of the document", async () => {
  const cli = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
  const config = join(import.meta.dirname, 'redocly.yaml');
  const { exitCode, all } = await execa(process.execPath, [cli, 'lint', '--config', config, OPENAPI_FILE], {
    env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' },
    all: true,
    reject: false,
  });
  assert.equal(exitCode, 0, all);
});

test('every route has an operation, under an id of its own', () => {
  assert.deepEqual(
    OPERATIONS.map(({ path, method }) => `${method} ${path}`).sort(),
    ROUTES.map(({ path, method }) => `${method} ${path.replaceAll('+}', '}')}`).sort(),
  );
  const ids = OPERATIONS.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, ids.join(' '));
});

for (const { path, method, operation } of OPERATIONS) {
  test(`the examples of ${method} ${path} are as its schemas say`, () => {
    const own = placeOf('paths', path, method);
    operation.parameters.forEach((parameter, i) => {
      const { part, place } = follow(parameter, `${own}/parameters/${i}`);
      const given = part.examples?.example?.value ?? part.example;
      const remedy = 'give its schema one by .meta({ examples: […] })';
      assert.ok(given !== undefined, `${part.name} has no example: ${remedy}`);
      assertMatches(`${place}/schema`, given);
    });
    const places = [
      ...Object.keys(operation.responses).map((status) =>
        follow(operation.responses[status]!, `${own}/responses/${status}`),
      ),
      ...(operation.requestBody ? [{ part: operation.requestBody, place: `${own}/requestBody` }] : []),
    ];
    for (const { part, place } of places) {
      for (const [type, { schema, example, examples = {} }] of Object.entries(part.content ?? {})) {
        const given = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map((e) => e.value),
        ];
        const isText = schema.contentMediaType === undefined;
        const where = `${place}/content/${encodeURIComponent(type.replaceAll('/', '~1'))}`;
        if (isText)
          assert.ok(
            given.length > 0,
            `${where} has no example: give its fields some by .meta({ examples: […] })`,
          );
        for (const value of given) assertMatches(`${where}/schema`, value);
      }
    }
  });
}

function assertMatches(place: string, value: unknown): void {
  const check = checkAt(place);
  assert.ok(check(value), `${place}: ${JSON.stringify(value)}: ${JSON.stringify(check.errors)}`);
}

/** Codes that wait for the routes which answer them: whoever adds such a route takes its codes off. */
const AWAITED: readonly SentCode[] = [];

test('every error code is answered by a route of the document, and no other', () => {
  const answered = new Set(
    OPERATIONS.flatMap(({ operation }) => Object.values(operation.responses)).flatMap((response) => {
      const { part } = follow(response, '');
      return Object.values(part.content ?? {}).flatMap(({ examples = {} }) => Object.keys(examples));
    }),
  );
  const unrouted: readonly string[] = UNROUTED_CODES;
  const wanted = Object.keys(SENT_ERRORS).filter(
    (code) => !unrouted.includes(code) && !AWAITED.includes(code as SentCode),
  );
  assert.deepEqual([...answered].filter((code) => !unrouted.includes(code)).sort(), wanted.sort());
});

test('each error says what happened and what helps, in whole sentences', () => {
  for (const [code, { meaning, remedy, status }] of Object.entries(SENT_ERRORS)) {
    assert.match(meaning, /^[A-Z].{15,}\.$/, code);
    assert.match(remedy, /^[A-Z/].{9,}\.$/, code);
    assert.ok(status >= 400 && status < 600, code);
  }
});
