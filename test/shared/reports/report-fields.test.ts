import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { z } from 'zod';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { TYPE_TESTS } from '../../../shared/reports/report-fields.ts';
import { reportSchema } from '../../../shared/reports/report-schema.ts';
import { loggedFacts } from '../../support/evidence-facts.ts';
import { leafSchemas, leavesOf } from '../../support/report-leaves.ts';

/** What stands in an honest report, at whichever place. */
async function honestValues(): Promise<unknown[]> {
  // An end before the start, so that there is an alert on times.
  const composed = composeReport(
    await loggedFacts({ session: { endedAt: new Date('2026-05-02T21:07:54Z') } }),
  );
  assert.ok(composed.ok);
  const report: unknown = JSON.parse(composed.json);
  const values = leavesOf(report).map((path) =>
    path.reduce((value, step) => (value as Record<string, unknown>)[step as string], report),
  );
  return [...new Set(values)];
}

const tested = [...leafSchemas(reportSchema)].flatMap((schema) => {
  const fits = TYPE_TESTS.get(schema);
  return fits ? [{ schema, fits }] : [];
});

function assertAgrees(value: unknown): void {
  for (const { schema, fits } of tested) {
    if (fits(value) === z.safeParse(schema, value).success) continue;
    assert.fail(`${z.toJSONSchema(schema).description}: ${inspect(value)}`);
  }
}

test('the quick test of a typed field agrees with its schema', async (t) => {
  const honest = await honestValues();
  const texts = honest.filter((value) => typeof value === 'string');

  await t.test('the quick test agrees with its schema on every value of an honest report', () => {
    assert.ok(tested.length > 50 && texts.length > 50);
    for (const value of honest) assertAgrees(value);
    for (const { fits } of tested) assert.ok(honest.some(fits) && !honest.every(fits));
  });

  await t.test('the quick test agrees with its schema on a text that is nearly right', () => {
    const nearly = fc
      .record({
        text: fc.constantFrom(...texts),
        at: fc.nat(),
        put: fc.constantFrom('', '\n', ' ', '0', 'A', 'g', '.'),
      })
      .map(({ text, at, put }) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + (at % 2));
      });
    fc.assert(fc.property(nearly, assertAgrees), { numRuns: 500 });
  });

  await t.test('the quick test of a time agrees with its schema on times that exist, and on others', () => {
    const days = [
      '2026-02-28',
      '2026-02-29',
      '2024-02-29',
      '2026-04-31',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
    ];
    const years = ['0000-01-01', '0000-02-29', '1900-02-29', '9999-12-31'];
    const clocks = ['00:00:00Z', '23:59:59.999Z', '24:00:00Z', '23:60:00Z', '23:59:60Z', '12:00:00.000Z'];
    for (const day of [...days, ...years]) for (const clock of clocks) assertAgrees(`${day}T${clock}`);
  });

  await t.test('the quick test agrees with its schema on any other value', () => {
    const numbers = [-1, -0, 0.5, 2 ** 53, 2 ** 53 - 1, Number.NaN, Number.POSITIVE_INFINITY];
    for (const value of [...numbers, 1n, new String('x'), undefined]) assertAgrees(value);
    fc.assert(fc.property(fc.anything(), assertAgrees), { numRuns: 300 });
  });
});
