import { inPlace } from './form.ts';
import { type Html, html, nothing } from './html.ts';

/** Links to the first and the next page of a list, which keep its filters. Nothing where the list has one page. */
export function pager(path: string, query: URLSearchParams, nextCursor: string | null): Html {
  const isFirst = !query.has('cursor');
  if (isFirst && nextCursor === null) return nothing;
  const first = new URLSearchParams(query);
  first.delete('cursor');
  const next = new URLSearchParams(query);
  if (nextCursor !== null) next.set('cursor', nextCursor);
  return html`<nav class="pager" aria-label="Pages">
${isFirst ? nothing : pageLink(path, first, 'First page')}
${nextCursor === null ? nothing : pageLink(path, next, 'Next page')}
</nav>`;
}

function pageLink(path: string, query: URLSearchParams, label: string): Html {
  const href = query.size === 0 ? path : `${path}?${query}`;
  return html`<a href="${href}" ${inPlace(href)} role="button">${label}</a>`;
}
