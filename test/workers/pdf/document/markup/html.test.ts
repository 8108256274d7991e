import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeText, type HtmlValue, html } from '../../../../../workers/pdf/document/markup/html.ts';

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

test('markup is written a second time without free text, at any depth', () => {
  const item = html`<li title="${freeText('a"')}">${freeText('<b>')} ${2}</li>`;
  const list = html`<ul>${[item, freeText('c'), '&']}</ul>`;
  assert.equal(list.toString(), '<ul><li title="a&#34;">&#60;b&#62; 2</li>c&#38;</ul>');
  assert.equal(list.withoutFreeText(), '<ul><li title=""> 2</li>&#38;</ul>');
});

test('every text in markup is made printable', () => {
  for (const value of ['a\u202eb\n', freeText('a\u202eb\n')]) {
    assert.equal(html`${value}`.toString(), 'a‹U+202E›b‹U+000A›');
  }
});
