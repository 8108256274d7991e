import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openYamlPlaces } from '../../../shared/yaml/find-place.ts';

const TEXT = `# a policy
name: p
entities:
  NAME: { action: redact, ner: 1 }
  "SSN":
    action: x
passes:
  - regex
  - [a, b]
? [odd, key]
: z
last: 1
`;

for (const [path, line, column] of [
  [[], 2, 1],
  [['name'], 2, 1],
  [['entities', 'NAME', 'ner'], 4, 27],
  [['entities', 'NAME', 'enabled'], 4, 3],
  [['entities', 'SSN', 'action'], 6, 5],
  [['entities', 'absent', 'action'], 3, 1],
  [['passes', 1], 9, 5],
  [['passes', 1, 1], 9, 9],
  [['passes', 7], 7, 1],
  [['last'], 12, 1],
  [['name', 'deeper'], 2, 1],
] as const) {
  test(`the place of ${JSON.stringify(path)} is line ${line}, column ${column}`, () => {
    assert.deepEqual(openYamlPlaces(TEXT)(path), { line, column });
  });
}

test('a text of one value begins at its first character', () => {
  assert.deepEqual(openYamlPlaces('12')(['a']), { line: 1, column: 1 });
});
