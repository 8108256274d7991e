import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HtmlValue, html } from '../../../../../workers/pdf/document/markup/html.ts';

test('escapes every text that is put in', () => {
  const markup = html`<p title="${'"\'`'}">${'<script>&amp;</script>'}</p>`.toString();
  assert.equal(markup, '<p title="&#34;&#39;&#96;">&#60;script&#62;&#38;amp;&#60;/script&#62;</p>');
});

test('keeps markup of its own, alone and in lists', () => {
  assert.equal(html`<ul>${[html`<li>${1}</li>`, '<li>']}</ul>`.toString(), '<ul><li>1</li>&#60;li&#62;</ul>');
});

test('does not take an object that only looks like markup', () => {
  const feigned = { toString: () => '<b>' } as unknown as HtmlValue;
  assert.throws(() => html`${feigned}`);
});

test('makes every text printable', () => {
  assert.equal(html`${'a\u202eb\n'}`.toString(), 'a⟨U+202E⟩b⟨U+000A⟩');
});
