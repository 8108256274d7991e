// Pages of the console as a test reads them.
import assert from 'node:assert/strict';
import { parseHTML } from 'linkedom';

export type PageDocument = ReturnType<typeof parseHTML>['document'];

/** What a page holds. Fails where the answer is no page, or names what a page must not have. */
export async function readPage(response: Response, status = 200): Promise<PageDocument> {
  const text = await response.text();
  assert.equal(response.status, status, text.slice(0, 2_000));
  assert.match(response.headers.get('Content-Type') ?? '', /^text\/html; charset=utf-8/);
  const { document } = parseHTML(text);
  assertPlain(document);
  return document;
}

/** No script or style stands in the page, and nothing is loaded from elsewhere. */
function assertPlain(document: PageDocument): void {
  for (const element of document.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      assert.ok(!name.startsWith('on') && name !== 'style', `${element.tagName} has ${name}`);
      if (['href', 'src', 'action', 'hx-get', 'hx-post'].includes(name)) {
        const value = element.getAttribute(name) ?? '';
        assert.match(value, /^[/#?](?!\/)/, `${element.tagName} has ${name}=${value}`);
      }
    }
    // Space presses a button, and does nothing on a link.
    assert.ok(element.tagName !== 'A' || !element.hasAttribute('role'), 'a link has a role');
    const isInline =
      element.tagName === 'SCRIPT' ? !element.hasAttribute('src') : element.tagName === 'STYLE';
    assert.ok(!isInline, `${element.tagName} stands in the page`);
  }
}

/** The text of the page's content, on one line. */
export function textOf(document: PageDocument, selector = 'main'): string {
  return (document.querySelector(selector)?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
}
