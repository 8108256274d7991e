import { type Html, html, nothing } from './html.ts';

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
 * A form that chooses what a page shows, or a part of it by its id. It works without scripts; with them that part changes
 * in place, at once when a choice changes.
 */
export function filterForm(path: string, fields: readonly Html[], part = 'main'): Html {
  return html`<form class="row" method="get" action="${path}" ${inPlacePart(path, part, 'get')} hx-trigger="change, submit">
${fields}
<button type="submit">Show</button>
</form>`;
}

/** Attributes that load a page's content in place of this page's, address and history included. */
export function inPlace(path: string): Html {
  return inPlacePart(path, 'main', 'get');
}

/** Attributes that load one part of a page, by its id, in place of this page's. What was got has an address to come back to. */
export function inPlacePart(path: string, id: string, method: 'get' | 'post' = 'post'): Html {
  const swap = html`hx-target="#${id}" hx-select="#${id}" hx-swap="outerHTML"`;
  return method === 'get'
    ? html`hx-get="${path}" ${swap} hx-push-url="true"`
    : html`hx-post="${path}" ${swap}`;
}
