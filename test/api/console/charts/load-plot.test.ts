import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';

test('the API is loaded without Plot and its document, which come with the first chart', async (t) => {
  const asked: string[] = [];
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      asked.push(specifier);
      return next(specifier, context);
    },
  });
  t.after(() => hooks.deregister());
  const ofCharts = () =>
    asked.filter((specifier) => /^(linkedom|@observablehq\/plot)$/.test(specifier)).sort();

  await import('../../../../api/app.ts');
  assert.ok(asked.some((specifier) => specifier.endsWith('/load-plot.ts')));
  assert.deepEqual(ofCharts(), []);
  const { loadPlot } = await import('../../../../api/console/charts/load-plot.ts');
  const [first, second] = await Promise.all([loadPlot(), loadPlot()]);
  assert.equal(first, second);
  assert.deepEqual(ofCharts(), ['@observablehq/plot', 'linkedom']);
});
