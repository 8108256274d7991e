import { type Html, html } from './html.ts';

/** A link to all rows of a list of the API as CSV, by the filters of the page, whichever of its pages is shown. */
export function csvLink(path: string, given: URLSearchParams, label: string): Html {
  const query = new URLSearchParams([...given].filter(([, value]) => value !== ''));
  query.delete('cursor');
  query.delete('limit');
  query.set('format', 'csv');
  return html`<div class="buttons"><a class="button" href="${`/api/v1${path}?${query}`}" download>${label}</a></div>`;
}
