import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPdf } from '../../../workers/pdf/finish/read-pdf.ts';
import {
  createPdfRenderer,
  PDF_TASKS_HERE,
  type PdfOptions,
  type PdfRenderer,
  type PdfTasks,
} from '../../../workers/pdf/pdf.ts';
import { assertFinished, finishInThisThread } from '../../../workers/pdf/pdf-tasks.ts';
import { killPrinting, listChromiums, listGroup, WITH_CHROMIUM } from '../../support/chromium.ts';
import { eventually } from '../../support/eventually.ts';
import { NAMES } from '../../support/names.ts';
import { jsonOf, printable } from '../../support/pdfs.ts';
import { factsOf, listedEvent, payloadsOf } from '../../support/report-facts.ts';

const never = new AbortController().signal;

const REPORT = printable(jsonOf(factsOf()));

/** A renderer of one page at a time. `onPrint` is called when a document is about to be printed. */
async function createRenderer(
  t: TestContext,
  { onPrint = () => {}, ...options }: Partial<PdfOptions> & { onPrint?: () => void } = {},
): Promise<PdfRenderer> {
  const renderer = await createPdfRenderer({
    chromePath: process.env.TEST_CHROME_PATH,
    path: '',
    pages: 1,
    queueLimit: 4,
    warn: () => {},
    tasks: PDF_TASKS_HERE,
    ...options,
  });
  t.after(() => renderer.close());
  const render: PdfRenderer['render'] = (...input) => {
    setImmediate(onPrint);
    return renderer.render(...input);
  };
  return { ...renderer, render };
}

test('without a Chromium the renderer says why, and every render is unavailable', async (t) => {
  const renderer = await createRenderer(t, { chromePath: '/nowhere/chromium' });
  const why = 'CHROME_PATH names no Chromium, Chrome or Edge that runs';
  assert.deepEqual(renderer.state(), { available: false, why });
  await renderer.warm();
  assert.throws(() => renderer.reserve('acc'), { code: 'unavailable' });
  await assert.rejects(renderer.render(REPORT, never), { code: 'unavailable' });
});

test('renders are unavailable with a Chromium that does not start', WITH_CHROMIUM, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const chromePath = join(folder, 'chromium');
  writeFileSync(chromePath, '#!/bin/sh\n[ "$1" = --version ] && echo Chromium 1.2.3.4\n', { mode: 0o755 });
  const renderer = await createRenderer(t, { chromePath });
  assert.deepEqual(renderer.state(), { available: true, chromium: '1.2.3.4' });
  await assert.rejects(renderer.render(REPORT, never), { code: 'unavailable' });
  assert.deepEqual(renderer.state(), { available: false, why: 'Chromium does not start' });
});

test(
  'the same JSON gives the same PDF, which carries it and names its Chromium',
  WITH_CHROMIUM,
  async (t) => {
    const renderer = await createRenderer(t, { pages: 2 });
    const [first, second] = await Promise.all([
      renderer.render(REPORT, never),
      renderer.render(REPORT, never),
    ]);
    assert.equal(Buffer.compare(first, second), 0);
    const read = await readPdf(first);
    assert.ok(read.ok);
    assert.equal(Buffer.compare(read.json, REPORT.json), 0);
    const state = renderer.state();
    assert.ok(state.available);
    assert.equal(read.origin.chromium, state.chromium);
  },
);

test('pages are the same with and without the fonts of the machine', WITH_CHROMIUM, async (t) => {
  const report = printable(jsonOf(factsOf({ baaChainText: NAMES.join('\n') })));
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const chromePath = join(folder, 'chromium');
  const script = `#!/bin/sh\nunset FONTCONFIG_FILE\nexec '${process.env.TEST_CHROME_PATH}' "$@"\n`;
  writeFileSync(chromePath, script, { mode: 0o755 });
  const [without, withFonts] = [await createRenderer(t), await createRenderer(t, { chromePath })];
  const pages = await without.render(report, never);
  assert.equal(Buffer.compare(await withFonts.render(report, never), pages), 0);
});

test(
  'a Chromium that finds no font at all prints the same pages or fails the render, and prints no blank ones',
  WITH_CHROMIUM,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const [chromePath, fonts] = [join(folder, 'chromium'), join(folder, 'fonts.conf')];
    writeFileSync(fonts, '<fontconfig></fontconfig>');
    const script = `#!/bin/sh\nexport FONTCONFIG_FILE='${fonts}'\nexec '${process.env.TEST_CHROME_PATH}' "$@"\n`;
    writeFileSync(chromePath, script, { mode: 0o755 });
    const renderer = await createRenderer(t, { chromePath });
    // It may take the embedded fonts all the same, or one of them.
    const outcome = await renderer.render(REPORT, never).catch((error: { code: string }) => error);
    if (!(outcome instanceof Uint8Array)) assert.equal(outcome.code, 'report_generation_failed');
    else {
      const usual = await createRenderer(t);
      assert.equal(Buffer.compare(outcome, await usual.render(REPORT, never)), 0);
    }
  },
);

test('pages that lack a word of their document are refused, and are not issued', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t);
  const { draft } = REPORT;
  const html = draft.html.replace('>Verdict<', '><');
  assert.notEqual(html, draft.html);
  await assert.rejects(renderer.render({ ...REPORT, draft: { ...draft, html } }, never), {
    code: 'report_generation_failed',
    reason: 'renderer',
    message: /^Chromium left out a part of the text\./,
  });
});

test(
  'a Chromium killed while it prints costs the caller nothing: a fresh one prints the same pages, and it is counted',
  WITH_CHROMIUM,
  async (t) => {
    const lines: string[] = [];
    const renderer = await createRenderer(t, { warn: (line) => lines.push(line) });
    const pages = await renderer.render(REPORT, never);
    lines.length = 0;
    const killing = killPrinting(1);
    t.after(killing.stop);
    assert.equal(Buffer.compare(await renderer.render(REPORT, never), pages), 0);
    assert.equal(killing.killed(), 1);
    assert.deepEqual(renderer.brokenPrints(), { recovered: 1, failed: 0 });
    assert.match(lines[0] ?? '', /^A print broke off \(.+\): it is tried once more, on a fresh Chromium\.$/);
  },
);

test(
  'a print that breaks off twice is a failure of the renderer, to be tried again, and the next one works',
  WITH_CHROMIUM,
  async (t) => {
    const renderer = await createRenderer(t);
    await renderer.warm();
    const killing = killPrinting(2);
    t.after(killing.stop);
    await assert.rejects(renderer.render(REPORT, never), {
      code: 'report_generation_failed',
      reason: 'renderer',
      retryAfterS: 1,
    });
    assert.equal(killing.killed(), 2);
    assert.deepEqual(renderer.brokenPrints(), { recovered: 0, failed: 1 });
    assert.ok((await renderer.render(REPORT, never)).length > 0);
  },
);

test('a print that hangs leaves time for a second one before the deadline', WITH_CHROMIUM, async (t) => {
  let isFirst = true;
  const renderer = await createRenderer(t, {
    onPrint: () => {
      if (isFirst)
        for (const { pid } of listChromiums().flatMap((leader) => listGroup(leader)))
          process.kill(pid, 'SIGSTOP');
      isFirst = false;
    },
  });
  await renderer.warm();
  const [hung] = listChromiums();
  // The hung print's share is over at once; the signal, which ends the render, comes later.
  const deadline = { atMs: performance.now() + 500 };
  const pages = await renderer.render(REPORT, AbortSignal.timeout(30_000), null, deadline);
  assert.ok(pages.length > 0);
  assert.deepEqual(renderer.brokenPrints(), { recovered: 1, failed: 0 });
  assert.deepEqual(listGroup(hung ?? 0), []);
});

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
        for (const { pid } of listChromiums().flatMap((leader) => listGroup(leader)))
          process.kill(pid, 'SIGSTOP');
        setTimeout(() => deadline.abort(new Error('too late')), 500);
      },
    });
    await renderer.warm();
    const [hung] = listChromiums();
    await assert.rejects(renderer.render(REPORT, deadline.signal), { message: 'too late' });
    assert.ok((await renderer.render(REPORT, never)).length > 0);
    assert.deepEqual(listGroup(hung ?? 0), []);
  },
);

test('a caller who hangs up during the print frees the page for the next', WITH_CHROMIUM, async (t) => {
  const caller = new AbortController();
  const renderer = await createRenderer(t, { onPrint: () => caller.abort(new Error('hung up')) });
  await renderer.warm();
  const going = assert.rejects(renderer.render(REPORT, caller.signal), { message: 'hung up' });
  const next = renderer.render(REPORT, never);
  await going;
  assert.ok((await next).length > 0);
  assert.equal(listChromiums().length, 1);
});

test('a caller who hangs up while waiting is rejected at once', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t);
  const first = renderer.render(REPORT, never);
  const caller = new AbortController();
  const waiting = assert.rejects(renderer.render(REPORT, caller.signal), { message: 'hung up' });
  await sleep(1);
  caller.abort(new Error('hung up'));
  await waiting;
  assert.ok((await first).length > 0);
});

test("one account holds at most half of the renderer's places", WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t, { queueLimit: 2 });
  const place = renderer.reserve('acc_1');
  assert.throws(() => renderer.reserve('acc_1'), { code: 'overloaded' });
  renderer.reserve('acc_2')[Symbol.dispose]();
  place[Symbol.dispose]();
  renderer.reserve('acc_1')[Symbol.dispose]();
});

test('many renders leave one Chromium, and closing leaves none', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t, { rendersPerBrowser: 4 });
  for (let i = 0; i < 9; i += 1) await renderer.render(REPORT, never);
  await eventually('one Chromium is left', () => assert.equal(listChromiums().length, 1));
  await renderer.close();
  assert.deepEqual(listChromiums(), []);
  await assert.rejects(renderer.render(REPORT, never), { code: 'unavailable' });
});

test(
  "the session's originals are looked up where the PDF is scanned, and refused in it",
  WITH_CHROMIUM,
  async (t) => {
    const session = { accountId: 'acc_1', sessionId: 'sess_1' };
    const asked: unknown[] = [];
    const tasks: PdfTasks = {
      async finishPdf(_accountId, input) {
        const outcome = await finishInThisThread(input, async (ref) => {
          asked.push(ref);
          return payloadsOf('Orla Quill');
        });
        return assertFinished(outcome);
      },
    };
    const renderer = await createRenderer(t, { tasks });
    const events = [listedEvent(0, { entityKind: 'Orla Quill' })];
    const report = printable(jsonOf(factsOf({ verdict: { events } })));
    await assert.rejects(renderer.render(report, never, session), {
      code: 'report_generation_failed',
      message: /^The PDF would carry what may be PHI: page \d+ \(original text of the session\)\.$/,
    });
    assert.deepEqual(asked, [session]);
    assert.ok((await renderer.render(REPORT, never)).length > 0);
    assert.equal(asked.length, 1);
  },
);

test('a command refuses to scan against payloads, which it cannot read', WITH_CHROMIUM, async (t) => {
  const renderer = await createRenderer(t);
  const session = { accountId: 'acc_1', sessionId: 'sess_1' };
  await assert.rejects(renderer.render(REPORT, never, session), { message: 'No payloads can be read here' });
});
