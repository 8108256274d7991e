import { type Html, html } from './html.ts';
import { counted, number } from './parts.ts';

/** A day, `2026-09-14`, and a count. */
export type DayBar = readonly [day: string, count: number];

// Units of the drawing, which is as wide as the text on the page.
const WIDTH = 640;
const HEIGHT = 120;
const LABEL_HEIGHT = 18;
const TOP = 16;

/** One column a day, in their order. An alternative text says the same in words: the table beside it has every figure. */
export function dayChart(title: string, days: readonly DayBar[]): Html {
  const most = Math.max(1, ...days.map(([, count]) => count));
  const first = days[0]?.[0] ?? '';
  const last = days.at(-1)?.[0] ?? '';
  const peak = days.find(([, count]) => count === most);
  const words = html`${title}. Column chart of ${counted(days.length, 'day')}, ${first} to ${last}; ${
    peak ? html`the most on ${peak[0]}: ${number(peak[1])}.` : 'none on any.'
  }`;
  const step = WIDTH / days.length;
  return html`<div class="chart">
<svg role="img" aria-label="${words}" viewBox="0 0 ${WIDTH} ${TOP + HEIGHT + LABEL_HEIGHT}" width="100%">
<title>${title}</title>
<desc>${words}</desc>
${days.map(([, count], i) => drawColumn(count, i * step, step, most))}<g aria-hidden="true">
<text x="0" y="${TOP + HEIGHT + 14}">${first}</text>
<text x="${WIDTH}" y="${TOP + HEIGHT + 14}" text-anchor="end">${last}</text>
<text x="0" y="11">${peak ? `${number(most)} at most` : 'none'}</text>
</g>
</svg>
<p class="note">${title}</p>
</div>
`;
}

function drawColumn(count: number, x: number, step: number, most: number): Html {
  const height = count === 0 ? 0 : Math.max(1, Math.round((count / most) * HEIGHT));
  const round = (value: number) => Math.round(value * 100) / 100;
  return html`<g aria-hidden="true"><rect x="${round(x + step * 0.1)}" y="${TOP + HEIGHT - height}" width="${round(step * 0.8)}" height="${height}"/></g>
`;
}
