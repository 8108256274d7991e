import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleOf } from '../../../../api/http/openapi/example.ts';
import type { JsonSchema } from '../../../../api/http/openapi/json-schema.ts';
import { matchingText } from '../../../../api/http/openapi/matching-text.ts';
import { operationIdOf, tagOf } from '../../../../api/http/openapi/names.ts';

const make = (schema: JsonSchema) => exampleOf(schema, () => ({ const: 'referred' }));

test('a text is made that matches the pattern', () => {
  for (const pattern of [
    '^sess_[0-9A-HJKMNP-TV-Z]{26}$',
    '^(0|[1-9]\\d{0,14})$',
    '^a(?:b|c)+\\.d?$',
    '^x(?!y)z$',
    '',
  ]) {
    const made = matchingText(pattern);
    assert.ok(made !== null && new RegExp(pattern).test(made), pattern);
  }
});

test('no text is made for a pattern that is too hard', () => {
  for (const pattern of ['^[^a]$', '^(a)\\1$', '^(?=b)a$', '^a($', '['])
    assert.equal(matchingText(pattern), null, pattern);
});

test('an example of a field goes before what its type would give', () => {
  const fields = { a: { type: 'string', examples: ['given'] }, b: { type: 'integer', minimum: 5 } };
  assert.deepEqual(make({ type: 'object', properties: fields, required: ['a', 'b'] }), { a: 'given', b: 5 });
});

test('a list has as many items as it must, and one else', () => {
  const items = { type: 'boolean' };
  assert.deepEqual(make({ type: 'array', items }), [true]);
  assert.deepEqual(make({ type: 'array', items, minItems: 2 }), [true, true]);
  assert.deepEqual(make({ type: 'array', items, maxItems: 0 }), []);
  assert.deepEqual(make({ type: 'array', prefixItems: [items, { const: 1 }] }), [true, 1]);
});

test('the first choice of which an example can be made is taken', () => {
  const hard = { type: 'string', pattern: '^[^a]$' };
  assert.equal(make({ anyOf: [hard, { type: 'null' }] }), null);
  assert.equal(make({ $ref: '#/x' }), 'referred');
});

test('an object lacks what cannot be made, or is not made where it needs that', () => {
  const properties = { hard: { type: 'string', pattern: '^[^a]$' }, easy: { const: 1 } };
  assert.deepEqual(make({ type: 'object', properties }), { easy: 1 });
  assert.equal(make({ type: 'object', properties, required: ['hard'] }), undefined);
});

test('an operation is named by its method and its path', () => {
  const named = [
    ['get', '/api/v1/sessions', 'getSessions'],
    ['get', '/api/v1/sessions/{session_id}/events/{seq}/proof', 'getSessionEventProof'],
    ['put', '/api/v1/policies/{name}/{version}', 'putPolicy'],
    ['get', '/api/v1/log/tile/{path+}', 'getLogTile'],
    ['get', '/health/live', 'getHealthLive'],
  ] as const;
  for (const [method, path, id] of named) assert.equal(operationIdOf(method, path), id);
});

test('a route of a new part of the API has a tag without being listed', () => {
  assert.deepEqual(tagOf('/api/v1/new-things/{id}'), {
    name: 'New things',
    description: 'Routes under /new-things.',
  });
});
