// Pages of the console for tests: fetched over HTTP and parsed as a browser does.
import assert from 'node:assert/strict';
import { parseHTML } from 'linkedom';
import type { TestApp } from './start-app.ts';

export type ShownPage = Readonly<{
  status: number;
  headers: Headers;
  source: string;
  document: ReturnType<typeof parseHTML>['document'];
  /** The text of the content, spaces folded. */
  text: string;
}>;

export async function readPage(response: Response): Promise<ShownPage> {
  const source = await response.text();
  assert.match(response.headers.get('Content-Type') ?? '', /^text\/html/, source.slice(0, 200));
  const { document } = parseHTML(source);
  // Cells stand apart on the page, and their texts run together without it.
  const apart = parseHTML(source.replaceAll(/<\/(?:t[dh]|d[td]|li|option)>/g, ' $&')).document;
  const text = (apart.querySelector('main')?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  return { status: response.status, headers: response.headers, source, document, text };
}

export async function getPage(app: TestApp, path: string, cookie: string): Promise<ShownPage> {
  return readPage(await app.get(path, cookie));
}

/** Sends a form as a browser does from the console's own page, and follows nothing. */
export function sendForm(
  app: TestApp,
  path: string,
  fields: Readonly<Record<string, string>>,
  cookie: string | null,
  headers: Readonly<Record<string, string>> = { 'Sec-Fetch-Site': 'same-origin' },
): Promise<Response> {
  return app.get(path, cookie, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Where an answer leads. */
export function assertLeadsTo(response: Response, pattern: RegExp): string {
  const location = response.headers.get('Location') ?? '';
  assert.equal(response.status, 303, location);
  assert.match(location, pattern);
  return location;
}

/** The page that every unknown id is answered with: it tells nothing of ids that another account has. */
export async function assertNotFound(response: Response): Promise<ShownPage> {
  const page = await readPage(response);
  assert.equal(page.status, 404, page.text);
  assert.equal(page.document.querySelector('h1')?.textContent, 'Not found');
  return page;
}

/** Texts that a page must show as text, whatever field they stand in. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '`alert(1)`',
  '</code></pre><svg onload=alert(1)>',
  '&lt;b&gt; &amp;',
  'left‮right',
  'zero​width⁦',
  '<!-- --><style>*{display:none}</style>',
] as const;

/** Fails where a hostile text became markup: no script, handler, style or address of its own came into being. */
export function assertInert({ document, source }: Pick<ShownPage, 'document' | 'source'>): void {
  for (const script of document.querySelectorAll('script')) {
    assert.match(script.getAttribute('src') ?? '', /^\/console\/assets\//);
  }
  assert.equal(document.querySelectorAll('main :is(img, svg, style, iframe, object)').length, 0);
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      assert.doesNotMatch(name, /^on|^style$/i);
      if (name === 'href' || name === 'action' || name === 'src') assert.match(value, /^[/#]/, value);
    }
  }
  assert.doesNotMatch(source, /[‪-‮⁦-⁩​]/);
}
