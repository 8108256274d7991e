import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { readPdf } from '../../../workers/pdf/finish/read-pdf.ts';
import {
  createPdfRenderer,
  PDF_TASKS_HERE,
  type PdfOptions,
  type PdfRenderer,
} from '../../../workers/pdf/pdf.ts';
import { listChromiums, listGroup, WITH_CHROMIUM } from '../../support/chromium.ts';
import { factsOf } from '../../support/report-facts.ts';

const never = new AbortController().signal;

function composeJson(): Uint8Array {
  const composed = composeReport(factsOf());
  assert.ok(composed.ok);
  return new TextEncoder().encode(composed.json);
}

const REPORT_JSON = composeJson();

/** A renderer of one page at a time. `onPrint` is called when a document is about to be printed. */
async function createRenderer(
  t: TestContext,
  { onPrint = () => {}, ...options }: Partial<PdfOptions> & { onPrint?: () => void } = {},
): Promise<PdfRenderer> {
  const renderer = await createPdfRenderer({
    ...{ chromePath: process.env.TEST_CHROME_PATH, path: '', pages: 1, queueLimit: 4, warn: () => {} },
    tasks: {
      ...PDF_TASKS_HERE,
      async composeDocument(...input) {
        const document = await PDF_TASKS_HERE.composeDocument(...input);
        setImmediate(onPrint);
        return document;
      },
    },
    ...options,
  });
  t.after(() => renderer.close());
  return renderer;
}

test('without a Chromium it says why, and everything else is unavailable', async (t) => {
  const renderer = await createRenderer(t, { chromePath: '/nowhere/chromium' });
  const why = 'CHROME_PATH names no Chromium, Chrome or Edge that runs';
  assert.deepEqual(renderer.state(), { available: false, why });
  await renderer.warm();
  assert.throws(() => renderer.reserve('acc'), { code: 'unavailable' });
  await assert.rejects(renderer.render(REPORT_JSON, never), { code: 'unavailable' });
});

test('a Chromium that does not start is unavailable, and it says so', WITH_CHROMIUM, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const chromePath = join(folder, 'chromium');
  writeFileSync(chromePath, '#!/bin/sh\n[ "$1" = --version ] && echo Chromium 1.2.3.4\n', { mode: 0o755 });
  const renderer = await createRenderer(t, { chromePath });
  assert.deepEqual(renderer.state(), { available: true, chromium: '1.2.3.4' });
  await assert.rejects(renderer.render(REPORT_JSON, never), { code: 'unavailable' });
  assert.deepEqual(renderer.state(), { available: false, why: 'Chromium does not start' });
});

test(
  'the same JSON gives the same PDF, which carries it and names its Chromium',
  WITH_CHROMIUM,
  async (t) => {
    const renderer = await createRenderer(t, { pages: 2 });
    const [first, second] = await Promise.all([
      renderer.render(REPORT_JSON, never),
      renderer.render(REPORT_JSON, never),
    ]);
    assert.equal(Buffer.compare(first, second), 0);
    const read = await readPdf(first);
    assert.ok(read.ok);
    assert.equal(Buffer.compare(read.json, REPORT_JSON), 0);
    const state = renderer.state();
    assert.ok(state.available);
    assert.equal(read.chromium, state.chromium);
  },
);

test(
  'Chromium killed while it prints fails that render, and the next one works',
  WITH_CHROMIUM,
  async (t) => {
    let isFirst = true;
    const renderer = await createRenderer(t, {
      onPrint: () => {
        if (isFirst) for (const pid of listChromiums()) process.kill(pid, 'SIGKILL');
        isFirst = false;
      },
    });
    await renderer.warm();
    await assert.rejects(renderer.render(REPORT_JSON, never), { code: 'report_generation_failed' });
    assert.ok((await renderer.render(REPORT_JSON, never)).length > 0);
  },
);

test(
  'Chromium that hangs fails the render at its deadline, and the next one works',
  WITH_CHROMIUM,
  async (t) => {
    const deadline = new AbortController();
    let isFirst = true;
    const renderer = await createRenderer(t, {
      onPrint: () => {
        if (!isFirst) return;
        isFirst = false;
        for (const { pid } of listChromiums().flatMap(listGroup)) process.kill(pid, 'SIGSTOP');
        setTimeout(() => deadline.abort(new Error('too late')), 500);
      },
    });
    await renderer.warm();
    const [hung] = listChromiums();
    await assert.rejects(renderer.render(REPORT_JSON, deadline.signal), { message: 'too late' });
    assert.ok((await renderer.render(REPORT_JSON, never)).length > 0);
    assert.deepEqual(listGroup(hung ?? 0), []);
  },
);

test('a caller who goes while it prints frees the page for the next', WITH_CHROMIUM, async (t) => {
  const caller = new AbortController();
  const renderer = await createRenderer(t, { onPrint: () => caller.abort(new Error('hung up')) });
  await renderer.warm();
  const going = assert.rejects(renderer.render(REPORT_JSON, caller.signal), { message: 'hung up' });
  const next = renderer.render(REPORT_JSON, never);
  await going;
  assert.ok((await next).length > 0);
  assert.equal(listChromiums().length, 1);
});

test('a caller who goes while waiting is not waited for', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t);
  const first = renderer.render(REPORT_JSON, never);
  const caller = new AbortController();
  const waiting = assert.rejects(renderer.render(REPORT_JSON, caller.signal), { message: 'hung up' });
  await sleep(1);
  caller.abort(new Error('hung up'));
  await waiting;
  assert.ok((await first).length > 0);
});

test('one account holds at most half of the places, and gets them back', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t, { queueLimit: 2 });
  const place = renderer.reserve('acc_1');
  assert.throws(() => renderer.reserve('acc_1'), { code: 'overloaded' });
  renderer.reserve('acc_2')[Symbol.dispose]();
  place[Symbol.dispose]();
  renderer.reserve('acc_1')[Symbol.dispose]();
});

test('many renders leave one Chromium, and closing leaves none', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t, { rendersPerBrowser: 4 });
  for (let i = 0; i < 9; i += 1) await renderer.render(REPORT_JSON, never);
  for (let i = 0; i < 100 && listChromiums().length > 1; i += 1) await sleep(20);
  assert.equal(listChromiums().length, 1);
  await renderer.close();
  assert.deepEqual(listChromiums(), []);
  await assert.rejects(renderer.render(REPORT_JSON, never), { code: 'unavailable' });
});

test('bytes that are no report are refused', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t);
  await assert.rejects(renderer.render(new TextEncoder().encode('{"report":{}}'), never), {
    code: 'report_generation_failed',
  });
});
