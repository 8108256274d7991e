// What stands around the content of every page: head, navigation, who is signed in, and the live region that tells
// readers who do not see the page what has changed on it.
import pkg from '../../package.json' with { type: 'json' };
import type { Actor, ApiContext } from '../http/context.ts';
import { assetPath } from './assets/assets.ts';
import { type Html, html, nothing } from './markup/html.ts';
import { isAt, type NavigationLink } from './navigation.ts';
import { maySee } from './page/may-see.ts';
import type { Framed, PageContent } from './page/page.ts';

const GROUPS = [
  { group: 'evidence', label: 'Evidence' },
  { group: 'account', label: 'Account' },
  { group: 'operators', label: 'Operators' },
] as const;

/** Pages load nothing from another host, run nothing inline, and stand in no frame. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Settings of htmx that a strict policy needs: it adds no styles and evaluates no text. */
const HTMX_CONFIG = '{"includeIndicatorCSS":false,"history":"reload"}';

/** The frame with this navigation. It also sets the headers of a page. */
export function createFrame(navigation: readonly NavigationLink[]): Framed {
  return function frame(ctx, { title, main }: PageContent) {
    ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    const actor = (ctx.state as { actor?: Actor }).actor ?? null;
    // A form that is sent with an ended login leads back to its page. One that answers a form cannot be got.
    if (actor && ctx.method === 'GET') ctx.set('Referrer-Policy', 'same-origin');
    return `<!doctype html>\n${html`<html lang="en"${ctx.method === 'POST' ? html` data-posted` : nothing}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="htmx-config" content="${HTMX_CONFIG}">
<title>${title} · Masker evidence</title>
<link rel="icon" href="${assetPath('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('console.css')}">
<script src="${assetPath('htmx.js')}" defer></script>
<script src="${assetPath('htmx-sse.js')}" defer></script>
<script src="${assetPath('console.js')}" type="module"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
${actor ? signedIn(actor, ctx, navigation) : html`<header>${BRAND}</header>`}
<main id="main" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
<p id="live" role="status" aria-live="polite" class="unseen"></p>
<footer><small>Masker evidence ${pkg.version}</small></footer>
</body>
</html>`}\n`;
  };
}

const BRAND = html`<a class="brand" href="/"><img src="${assetPath('icon.svg')}" alt="" width="24" height="24"> Masker evidence</a>`;

function signedIn(actor: Actor, ctx: Pick<ApiContext, 'path'>, links: readonly NavigationLink[]): Html {
  return html`<header>
${BRAND}
<div class="who">
<span><strong>${actor.accountName}</strong> <small>${actor.userName}</small></span>
<form method="post" action="/sign-out"><button type="submit" class="quiet">Sign out</button></form>
</div>
</header>
<nav aria-label="Console">
${GROUPS.map(({ group, label }) => {
  const shown = links.filter((link) => link.group === group && maySee(actor, link.permission));
  return shown.length === 0 ? nothing : navigationGroup(label, shown, ctx.path);
})}
</nav>`;
}

function navigationGroup(label: string, links: readonly NavigationLink[], path: string): Html {
  return html`<section aria-label="${label}">
<h2>${label}</h2>
<ul>${links.map((link) => {
    const current = isAt(link, path) ? html` aria-current="page"` : nothing;
    return html`<li><a href="${link.path}"${current}>${link.label}</a></li>`;
  })}</ul>
</section>`;
}
