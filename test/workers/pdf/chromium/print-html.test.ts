import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Target } from 'puppeteer-core';
import { printHtml } from '../../../../workers/pdf/chromium/print-html.ts';
import { createWarmBrowser, listGroup, pidOf, WITH_CHROMIUM } from '../../../support/chromium.ts';

const never = new AbortController().signal;

function pageOf(body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><title>Page</title>${head}</head><body>${body}</body></html>`;
}

const SHORT = pageOf('<h1>Evidence</h1><p>Text</p>');
/** Takes seconds to print. */
const LONG = pageOf(`<table>${'<tr><td>a</td><td>b</td></tr>'.repeat(40_000)}</table>`);

async function leaseBrowser(t: TestContext): Promise<Browser> {
  return (await createWarmBrowser(t).lease()).browser;
}

function print(browser: Browser, html: string, signal = never): Promise<Uint8Array> {
  return printHtml(browser, html, { signal, onHang: () => {} });
}

/** Only when it was printed differs between two prints. */
function withoutDates(pdf: Uint8Array): string {
  return Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength)
    .toString('latin1')
    .replace(/D:\d{14}/g, '');
}

test('a print has tags and an outline, and the same pages every time', WITH_CHROMIUM, async (t) => {
  const browser = await leaseBrowser(t);
  const [first, second] = [
    withoutDates(await print(browser, SHORT)),
    withoutDates(await print(browser, SHORT)),
  ];
  assert.ok(first.startsWith('%PDF-1.'));
  assert.match(first, /\/StructTreeRoot/);
  assert.match(first, /\/Outlines/);
  assert.equal(second, first);
});

test('a print leaves no browser context open', WITH_CHROMIUM, async (t) => {
  const browser = await leaseBrowser(t);
  await print(browser, SHORT);
  assert.equal(browser.browserContexts().length, 1);
});

test('a print runs no script', WITH_CHROMIUM, async (t) => {
  const browser = await leaseBrowser(t);
  const quiet = await print(browser, pageOf('<p id="a">Text</p><script></script>'));
  const loud = await print(browser, pageOf('<p id="a">Text</p><script>a.remove()</script>'));
  assert.equal(withoutDates(loud), withoutDates(quiet));
});

test('a print fetches nothing', WITH_CHROMIUM, async (t) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const head = [
    ...[`<link rel="stylesheet" href="${at}/css">`, `<link rel="prefetch" href="${at}/prefetch">`],
    `<style>@font-face { font-family: F; src: url(${at}/font) } body { font-family: F; background: url(${at}/bg) }</style>`,
  ].join('');
  const body = `<img src="${at}/img"><iframe src="${at}/frame"></iframe><object data="${at}/object"></object><p>x</p>`;
  assert.ok((await print(await leaseBrowser(t), pageOf(body, head))).length > 0);
  assert.deepEqual(asked, []);
});

test('a document that navigates to another address is refused', WITH_CHROMIUM, async (t) => {
  const refresh = '<meta http-equiv="refresh" content="0; url=http://127.0.0.1:9/">';
  const html = LONG.replace('<head>', `<head>${refresh}`);
  await assert.rejects(print(await leaseBrowser(t), html));
});

test('an abort ends the print with its reason and frees the page', WITH_CHROMIUM, async (t) => {
  const browser = await leaseBrowser(t);
  const controller = new AbortController();
  browser.once('targetcreated', () => controller.abort(new Error('hung up')));
  await assert.rejects(print(browser, LONG, controller.signal), { message: 'hung up' });
  assert.equal(browser.browserContexts().length, 1);
  await assert.rejects(print(browser, SHORT, controller.signal), { message: 'hung up' });
  assert.ok((await print(browser, SHORT)).length > 0);
});

test('a page that crashes fails its own print alone', WITH_CHROMIUM, async (t) => {
  const browser = await leaseBrowser(t);
  const failing = assert.rejects(print(browser, LONG));
  const { promise: created, resolve } = Promise.withResolvers<Target>();
  browser.once('targetcreated', resolve);
  const page = await (await created).page();
  // The document is there then, and LONG is far from printed. Where it was there before the page was known, none is told of.
  await Promise.race([new Promise((loaded) => page?.once('load', loaded)), sleep(1_000)]);
  const renderers = listGroup(pidOf(browser)).filter(({ command }) => command.includes('--type=renderer'));
  for (const { pid } of renderers) process.kill(pid, 'SIGKILL');
  await failing;
  assert.ok((await print(browser, SHORT)).length > 0);
});
