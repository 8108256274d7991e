import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { count, countsByName, freeText } from '../../../shared/reports/report-fields.ts';
import { reportSchema } from '../../../shared/reports/report-schema.ts';
import { type SchemaVisitor, visitSchema } from '../../../shared/reports/visit-schema.ts';
import { freeTextPaths } from '../../support/report-leaves.ts';

/** Writes a schema as a text. */
const WRITER: SchemaVisitor<string> = {
  nullable: (inner) => `${inner}?`,
  array: (element) => `[${element}]`,
  object: (members) => `{${members.map(([name, member]) => `${name}: ${member}`).join(', ')}}`,
  record: (key, value) => `<${key}: ${value}>`,
  freeText: ({ ourWords }) => `text${[...ourWords].join('|')}`,
  typed: (schema) => schema._zod.def.type,
};

test('visits every schema within another, leaves first', () => {
  const schema = z.strictObject({
    rows: z.array(z.strictObject({ kind: freeText('A kind', new Set(['NAME'])).nullable() })),
    counts: countsByName('Counts'),
    total: count('All').nullable(),
    state: z.enum(['open', 'sealed']),
    is: z.literal(true),
  });
  assert.equal(
    visitSchema(schema, WRITER),
    '{rows: [{kind: textNAME?}], counts: <text: number>, total: number?, state: enum, is: literal}',
  );
});

test('takes free text for free text after a description was added', () => {
  assert.equal(visitSchema(freeText('A name').describe('Another description'), WRITER), 'text');
  assert.equal(visitSchema(z.string(), WRITER), 'string');
});

test('throws for a kind of schema that could hide free text', () => {
  for (const schema of [freeText('x').optional(), z.union([freeText('x'), z.null()]), z.unknown()]) {
    assert.throws(() => visitSchema(z.strictObject({ schema }), WRITER), /no schema of the kind/);
  }
});

test("finds as much free text in the report's schema as an independent walk", () => {
  const found = visitSchema<number>(reportSchema, {
    ...{ nullable: (inner) => inner, array: (element) => element, record: (key, value) => key + value },
    object: (members) => members.reduce((sum, [, member]) => sum + member, 0),
    ...{ freeText: () => 1, typed: () => 0 },
  });
  assert.equal(found, [...freeTextPaths(reportSchema)].length);
});
