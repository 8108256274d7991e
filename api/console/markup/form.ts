import { type Html, html, nothing } from './html.ts';
import { inPlace, LIST } from './part.ts';

/** A choice: its value, and what a reader sees. */
export type Option = Readonly<{ value: string; label: string }>;

/** A labelled list of choices. An empty value stands for a field that is left out. */
export function select(
  name: string,
  label: string,
  options: readonly Option[],
  chosen: string | undefined,
): Html {
  return html`<label>${label}
<select name="${name}">${options.map(({ value, label: text }) => {
    const selected = value === (chosen ?? '') ? html` selected` : nothing;
    return html`<option value="${value}"${selected}>${text}</option>`;
  })}</select></label>`;
}

export type InputOptions = Readonly<{
  type?: 'text' | 'number' | 'date' | 'datetime-local' | 'search';
  value?: string | undefined;
  placeholder?: string;
  required?: boolean;
}>;

/** A labelled field. */
export function input(
  name: string,
  label: string,
  { type = 'text', value = '', placeholder = '', required = false }: InputOptions = {},
): Html {
  return html`<label>${label}
<input type="${type}" name="${name}" value="${value}" placeholder="${placeholder}"${required ? html` required` : nothing}></label>`;
}

/**
 * A form that chooses what a page shows. It works without scripts; with them a part below the form changes in place, by its
 * id, at once when a choice changes. The form stays, with what is typed into it meanwhile.
 */
export function filterForm(path: string, fields: readonly Html[], part = LIST): Html {
  return html`<form class="row" method="get" action="${path}" ${inPlace(path, part)} hx-trigger="change, submit">
${fields}
<button type="submit">Show</button>
</form>`;
}
