import type { Option } from './form.ts';
import { type Html, html, nothing } from './html.ts';

/** A choice of few, all of them seen: a radio button each, in a row under one legend. `more` stands behind them. */
export function choices(
  name: string,
  legend: string,
  options: readonly Option[],
  chosen: string,
  more: Html = nothing,
): Html {
  return html`<fieldset class="choices"><legend>${legend}</legend>
${options.map(({ value, label }) => {
  const checked = value === chosen ? html` checked` : nothing;
  return html`<label><input type="radio" name="${name}" value="${value}"${checked}> ${label}</label>\n`;
})}${more}</fieldset>`;
}
