// Pages of the console for tests that look at their status, their source and their text as well.
import assert from 'node:assert/strict';
import { parseHTML } from 'linkedom';
import { sendForm } from './page-forms.ts';
import { type PageDocument, readPage, textOf } from './pages.ts';
import type { TestApp } from './start-app.ts';

export type ShownPage = Readonly<{
  status: number;
  source: string;
  document: PageDocument;
  /** The text of the content, on one line, cells apart. */
  text: string;
}>;

/** A page of any status. Fails where it holds a script, a style or an address of another host, or a hidden character. */
export async function showPage(response: Response): Promise<ShownPage> {
  const source = await response.clone().text();
  assert.doesNotMatch(source, /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
  const document = await readPage(response, response.status);
  let text: string | undefined;
  return {
    ...{ status: response.status, source, document },
    get text() {
      text ??= textOf(parseHTML(source.replaceAll(/<\/(?:t[dh]|d[td]|li|option)>/g, ' $&')).document);
      return text;
    },
  };
}

export async function getPage(app: TestApp, path: string, cookie: string): Promise<ShownPage> {
  return showPage(await app.get(path, cookie));
}

/** Sends a form as a login. */
export function sendFormAs(
  app: TestApp,
  path: string,
  fields: Readonly<Record<string, string>>,
  cookie: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return sendForm(app, path, fields, { cookie, ...headers });
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
  const page = await showPage(response);
  assert.equal(page.status, 404, page.text);
  assert.equal(page.document.querySelector('h1')?.textContent, 'Not found');
  return page;
}
