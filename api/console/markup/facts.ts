import { type Html, type HtmlValue, html } from './html.ts';

/** Names and values side by side. */
export function facts(pairs: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  return html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt> <dd>${value}</dd>\n`)}</dl>`;
}
