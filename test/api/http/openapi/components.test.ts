import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { collectSchemas } from '../../../../api/http/openapi/components.ts';
import { toJsonSchema } from '../../../../api/http/openapi/json-schema.ts';

/** What is written for schemas, and the named ones. */
function collect(...given: z.ZodType[]) {
  const schemas = collectSchemas();
  const pending = given.map((schema, i) => schemas.add(toJsonSchema(schema, 'output'), `Answer${i}`));
  return { written: pending.map((write) => write()), named: schemas.finish() };
}

const place = z.object({ street: z.string(), town: z.string() });

test('a schema that stands in two places has the name of its first field, and is there once', () => {
  const { written, named } = collect(z.object({ home_town: place, a: z.int() }), z.object({ b: place }));
  assert.deepEqual(Object.keys(named), ['HomeTown']);
  const ref = { $ref: '#/components/schemas/HomeTown' };
  assert.deepEqual(
    written.map(({ properties }) => Object.values(properties as object)[0]),
    [ref, ref],
  );
});

test('a schema with an id has this name, also where it stands once', () => {
  const { written, named } = collect(z.array(place.meta({ id: 'Place' })));
  assert.deepEqual(Object.keys(named), ['Place']);
  assert.deepEqual(written[0]?.items, { $ref: '#/components/schemas/Place' });
});

test('a description of its own stands beside the reference', () => {
  const { written } = collect(z.object({ home: place.describe('Home.'), work: place.describe('Work.') }));
  assert.deepEqual(written[0]?.properties, {
    home: { $ref: '#/components/schemas/Home' },
    work: { $ref: '#/components/schemas/Home', description: 'Work.' },
  });
});

test('two schemas that want one name are told apart', () => {
  const other = z.object({ x: z.int(), y: z.int() });
  const { named } = collect(z.object({ at: place }), z.object({ at: other }), place, other);
  assert.deepEqual(Object.keys(named), ['At', 'At2']);
});

test('a schema that stands once stays where it is', () => {
  const { written, named } = collect(z.object({ at: place }));
  assert.deepEqual(named, {});
  assert.match(JSON.stringify(written), /"at":\{"type":"object"/);
});

test('what zod cannot represent is what its meta says', () => {
  const schema = z.custom<string>(() => true).meta({ type: 'string', maxLength: 3 });
  assert.deepEqual(toJsonSchema(z.object({ code: schema }), 'input').properties, {
    code: { type: 'string', maxLength: 3 },
  });
});

test('an answer may get new fields, and a body may not', () => {
  const strict = z.strictObject({ a: z.int() });
  assert.equal('additionalProperties' in toJsonSchema(strict, 'output'), false);
  assert.equal(toJsonSchema(strict, 'input').additionalProperties, false);
});
