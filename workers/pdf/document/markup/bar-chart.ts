import { freeText, type Html, type HtmlValue, html } from './html.ts';
import { counted, mostFrequent, number } from './parts.ts';
import { shorten } from './printable.ts';

export type Bar = readonly [label: string, count: number];

/** Bars drawn; the rest stands in the table beside the chart. */
const BARS_LIMIT = 12;
/** Code points of a label. */
const LABEL_LIMIT = 22;

// Units of the drawing, which is as wide as the text on the page.
const WIDTH = 420;
const LABEL_WIDTH = 140;
const NUMBER_WIDTH = 60;
const ROW = 15;

/** Whether the chart shows every count, each under its whole label: then no table has to repeat it. */
export function isWhole(bars: readonly Bar[]): boolean {
  return bars.length <= BARS_LIMIT && bars.every(([label]) => shorten(label, LABEL_LIMIT) === label);
}

/** Horizontal bars, the longest first, labelled with free text. An alternative text says the same in words. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const shown = mostFrequent(bars)
    .slice(0, BARS_LIMIT)
    .map(([label, count]) => [shorten(label, LABEL_LIMIT), count] as const);
  const longest = Math.max(1, ...shown.map(([, count]) => count));
  const words = html`${title}. ${inWords(shown, bars.length)}`;
  return html`<div class="chart">
<svg role="img" aria-label="${words}" viewBox="0 0 ${WIDTH} ${shown.length * ROW}" width="100%">
<title>${title}</title>
<desc>${words}</desc>
${shown.map((bar, row) => drawBar(bar, row, longest))}</svg>
${captionOf(title, shown.length, bars.length)}</div>
`;
}

function inWords(shown: readonly Bar[], total: number): Html {
  const listed = shown.map(
    ([label, count], index) => html`${index === 0 ? '' : ', '}${freeText(label)} ${number(count)}`,
  );
  const rest = total - shown.length;
  return html`Bar chart: ${listed}${rest > 0 ? `; ${counted(rest, 'more name')} in the table.` : '.'}`;
}

function captionOf(title: string, shown: number, total: number): HtmlValue {
  if (total <= shown) return '';
  return html`<p class="note">${title}: the ${shown} most frequent of ${number(total)}</p>\n`;
}

function drawBar([label, count]: Bar, row: number, longest: number): Html {
  const top = row * ROW;
  const room = WIDTH - LABEL_WIDTH - NUMBER_WIDTH;
  const width = Math.max(count === 0 ? 0 : 1, Math.round((count / longest) * room));
  return html`<g aria-hidden="true">
<text class="label" x="${LABEL_WIDTH - 8}" y="${top + 11}" text-anchor="end">${freeText(label)}</text>
<rect x="${LABEL_WIDTH}" y="${top + 3}" width="${width}" height="${ROW - 5}"/>
<text class="number" x="${LABEL_WIDTH + width + 6}" y="${top + 11}">${number(count)}</text>
</g>
`;
}
