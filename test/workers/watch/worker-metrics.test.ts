import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLazyPrinter } from '../../../workers/jobs/lazy-printer.ts';
import { createWorkerMetrics } from '../../../workers/watch/worker-metrics.ts';
import { killPrinting, WITH_CHROMIUM } from '../../support/chromium.ts';
import { emptyFacts, jsonOf, printable, TEST_RENDERER } from '../../support/pdfs.ts';

const NAME = 'masker_pdf_prints_broken_off_total';

it('the workers tell how prints ended whose Chromium was killed', WITH_CHROMIUM, async (t) => {
  const printer = createLazyPrinter(TEST_RENDERER);
  t.after(() => printer.close());
  const metrics = createWorkerMetrics();
  metrics.watchPrints(printer.brokenPrints);
  const told = () => metrics.registry.getSingleMetricAsString(NAME);
  assert.match(await told(), /\{outcome="recovered"\} 0\n.*\{outcome="failed"\} 0/);

  const renderer = await printer.open();
  await renderer.warm();
  const killing = killPrinting(1);
  t.after(() => killing.stop());
  await renderer.render(printable(jsonOf(emptyFacts())), new AbortController().signal);
  assert.equal(killing.killed(), 1);
  assert.match(await told(), /\{outcome="recovered"\} 1\n.*\{outcome="failed"\} 0/);
});
