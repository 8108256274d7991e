// Parts of a page that a script loads again in their place. Without scripts the whole page is loaded.
import { type Html, html } from './html.ts';

/** What assets/parts.js says about a part, in sentences. */
export type PartWords = Readonly<{
  /** Once it has changed, to readers who do not see it. */
  announce?: string;
  /** Before the reason, where it could not be loaded. Without its full stop. */
  failed: string;
  /** After the reason: what the part shows in spite of it. */
  older: string;
}>;

/** Attributes of a part, which alone has the id on its page. Takes the focus where the control that had it is gone. */
export function partAttributes(id: string, { announce, failed, older }: PartWords): Html {
  const said = announce === undefined ? html`` : html` data-announce="${announce}"`;
  return html`id="${id}" tabindex="-1" data-failed="${failed}" data-older="${older}"${said}`;
}

/**
 * Attributes that load a part of a page in place of this page's. A page that was got has an address to come back to, and
 * the newest choice takes over from one under way; what was posted is not sent twice at once.
 */
export function inPlace(path: string, id: string, method: 'get' | 'post' = 'get'): Html {
  const swap = html`hx-target="#${id}" hx-select="#${id}" hx-swap="outerHTML"`;
  return method === 'get'
    ? html`hx-get="${path}" ${swap} hx-sync="#${id}:replace" hx-push-url="true"`
    : html`hx-post="${path}" ${swap} hx-sync="#${id}:drop"`;
}

export const LIST = 'list';

/** The list of a page, with the links to its other pages. */
export function listPart(shown: Readonly<{ count: number; hasMore: boolean }>, list: Html): Html {
  const words = {
    announce: announceRows(shown),
    failed: 'The list could not be loaded',
    older: 'The rows below are from before, not what was chosen now.',
  };
  return html`<div ${partAttributes(LIST, words)}>
${list}
</div>`;
}

function announceRows({ count, hasMore }: Readonly<{ count: number; hasMore: boolean }>): string {
  if (count === 0) return 'No row matches.';
  const rows = count === 1 ? '1 row is shown' : `${count} rows are shown`;
  return hasMore ? `${rows}, and there are more.` : `${rows}.`;
}
