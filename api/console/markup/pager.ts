import { type Html, html, nothing } from './html.ts';
import { inPlace, LIST } from './part.ts';

/** Links to the first and the next page of a list, within its part, which keep its filters. Nothing where it has one page. */
export function pager(path: string, query: URLSearchParams, nextCursor: string | null): Html {
  const isFirst = !query.has('cursor');
  if (isFirst && nextCursor === null) return nothing;
  const first = new URLSearchParams(query);
  first.delete('cursor');
  const next = new URLSearchParams(query);
  if (nextCursor !== null) next.set('cursor', nextCursor);
  return html`<nav class="pager" aria-label="Pages">
${isFirst ? nothing : pageLink(path, first, 'first')}
${nextCursor === null ? nothing : pageLink(path, next, 'next')}
</nav>`;
}

function pageLink(path: string, query: URLSearchParams, which: 'first' | 'next'): Html {
  const href = query.size === 0 ? path : `${path}?${query}`;
  // The id keeps the focus on the link when htmx has replaced it.
  return html`<a id="${which}-page" href="${href}" ${inPlace(href, LIST)} class="button">${LABELS[which]}</a>`;
}

const LABELS = { first: 'First page', next: 'Next page' } as const;
