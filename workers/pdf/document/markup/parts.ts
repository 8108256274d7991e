// The parts of sections: values as they print, tables, blocks of text.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../shared/time/durations.ts';
import { freeText, type Html, type HtmlValue, html } from './html.ts';

/** Rows of names printed before a table says how many more there are; the attached JSON holds all. */
export const NAMES_LIMIT = 100;
/** Names printed in a sentence. */
const LISTED_LIMIT = 60;
/** UTF-16 code units and lines of one block of text, about 20 pages. */
const TEXT_LIMIT = 60_000;
const LINES_LIMIT = 1_200;

/** A digest in groups of four digits. */
export function hash(hex: string): Html {
  return html`<code class="hash">${(hex.match(/.{1,4}/g) ?? []).join(' ')}</code>`;
}

export function id(text: string): Html {
  return html`<code class="id">${text}</code>`;
}

/** Free text, kept apart from the direction of the text beside it. */
export function name(text: string): Html {
  return html`<bdi>${freeText(text)}</bdi>`;
}

export function time(iso: string | null): Html {
  return iso === null
    ? NONE
    : html`<time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}

/** A duration in words, exact to the millisecond: `50 min 0.1 s`. */
export function duration(ms: number): string {
  const words: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) words.push(`${number(count)} ${unit}`);
  }
  if (rest > 0 || words.length === 0) words.push(`${rest / 1000} s`);
  return words.join(' ');
}

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
] as const;

/** The most frequent first; equal ones in the order of their names. */
export function mostFrequent(
  counts: Iterable<readonly [name: string, count: number]>,
): (readonly [string, number])[] {
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
}

/** A count with its digits in threes. */
export function number(value: number): string {
  return String(value).replace(/^\d+$/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','));
}

/** `3 redactions`, `1 redaction`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

/** A sentence of the report's own words, which may begin in lower case and lack a full stop. */
export function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

export type Tone = 'good' | 'fair' | 'bad' | 'plain';

/**
 * A status in words; its colour only repeats them. A paragraph: Chromium tags the background of a block as part of
 * it, and leaves that of an inline element untagged, which PDF/UA forbids.
 */
export function status(words: HtmlValue, tone: Tone): Html {
  return html`<p class="status ${tone}">${words}</p>`;
}

/** Stands where the JSON holds null. */
export const NONE = html`<span class="none">none</span>`;

/** A table of facts, one a row. */
export function factTable(
  caption: string,
  rows: readonly (readonly [label: string, value: HtmlValue])[],
  name = 'about',
): Html {
  return html`<table class="facts ${name}">
<caption>${caption}</caption>
<tbody>
${rows.map(([label, value]) => html`<tr><th scope="row">${label}</th><td>${value}</td></tr>\n`)}</tbody>
</table>
`;
}

export type Column = Readonly<{ label: string; kind?: 'number' | 'code' }>;

/** A table whose head is repeated on each page; the first cell of a row is its head. */
export function dataTable(
  options: Readonly<{ caption: HtmlValue; columns: readonly Column[]; name: string }>,
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const { caption, columns } = options;
  const kindOf = (index: number) => columns[index]?.kind ?? 'words';
  const cell = (value: HtmlValue, index: number) =>
    index === 0
      ? html`<th scope="row" class="${kindOf(index)}">${value}</th>`
      : html`<td class="${kindOf(index)}">${value}</td>`;
  return html`<table class="data ${options.name}">
<caption>${caption}</caption>
<thead><tr>${columns.map(({ label }, i) => html`<th scope="col" class="${kindOf(i)}">${label}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table>
`;
}

/** Names in a sentence: the first `limit`, and how many more there are. */
export function nameList(names: readonly string[], limit = LISTED_LIMIT): HtmlValue {
  const shown = names.slice(0, limit).map((text, index) => html`${index === 0 ? '' : ', '}${name(text)}`);
  return names.length > limit
    ? [...shown, ` and ${number(names.length - limit)} more in the attached JSON`]
    : shown;
}

/** Free text line by line. Lines wider than the page wrap. A mark at the left begins each line. */
export function textBlock(text: string, linesLimit = LINES_LIMIT): Html {
  // The cut may fall between the halves of a surrogate pair.
  const lines = linesOf(text.slice(0, TEXT_LIMIT).replace(/[\ud800-\udbff]$/, ''));
  const shown = lines.slice(0, linesLimit).map(
    (line) => html`<p class="line">${freeText(line)}</p>
`,
  );
  const block = html`<div class="text">\n${shown}</div>\n`;
  if (text.length <= TEXT_LIMIT && lines.length <= linesLimit) return block;
  return html`${block}<p>The text goes on. Its beginning is printed here; the attached JSON holds all of it.</p>\n`;
}

/** The lines of a text; a line feed ends a line. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Commands for a shell, to be copied. */
export function commands(...lines: readonly string[]): Html {
  return html`<pre class="commands"><code>${lines.map((line) => html`${line}\n`)}</code></pre>\n`;
}
