// How series are told apart: each has a colour of its own, light and dark, and a pattern, for readers who do not see
// colours and for paper. The colours are in console.css.
import { type Html, html } from '../markup/html.ts';
import { SERIES_LIMIT } from './series.ts';

/** Lines of the page's own colour over a tile of 8 by 8. The first series is plain. */
const MARKS: readonly Html[] = [
  html``,
  html`<path d="M-2 2l4-4M0 8l8-8M6 10l4-4"></path>`,
  html`<path d="M2 1v2M6 5v2"></path>`,
  html`<path d="M0 4h8"></path>`,
  html`<path d="M-2 6l4 4M0 0l8 8M6-2l4 4"></path>`,
  html`<path d="M4 0v8"></path>`,
  html`<path d="M0 0l8 8M8 0l-8 8"></path>`,
  html`<path d="M0 2h8M0 6h8M2 0v8M6 0v8"></path>`,
];

/** The patterns of a chart's first `count` series. `chart` names the chart, alone on its page. */
export function patterns(chart: string, count: number): Html {
  return html`<defs>${MARKS.slice(0, count).map(
    (marks, i) =>
      html`<pattern id="${idOf(chart, i)}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="series-${i + 1}" width="8" height="8"></rect><g class="marks">${marks}</g></pattern>`,
  )}</defs>`;
}

/** What a shape of a series is filled with. */
export function patternFill(chart: string, series: number): string {
  return `url(#${idOf(chart, Math.min(series, SERIES_LIMIT - 1))})`;
}

/** A sample of a series' pattern, for a legend: its name stands beside it. */
export function swatch(chart: string, series: number): Html {
  return html`<svg class="swatch" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><rect width="16" height="16" fill="${patternFill(chart, series)}"></rect></svg>`;
}

function idOf(chart: string, series: number): string {
  return `${chart}-pattern-${series + 1}`;
}
