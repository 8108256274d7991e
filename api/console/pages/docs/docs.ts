// The reference of the API for people: Scalar's, from its npm package. It stands alone, without the frame of the console,
// whose styles would mix with its own, and under a policy of its own.
import { z } from 'zod';
import type { ApiContext } from '../../../http/context.ts';
import { defineRoute, none } from '../../../http/route-spec.ts';
import { assetPath } from '../../assets/assets.ts';
import { html } from '../../markup/html.ts';

/** Its place in the navigation. */
export const DOCS_LINK = {
  path: '/docs',
  label: 'API reference',
  group: 'account',
  permission: 'public',
} as const;

export const DOCS_ROUTE = defineRoute({
  method: 'get',
  path: '/docs',
  summary: 'Shows the reference of the API.',
  // As the document is that it shows.
  permission: 'public',
  params: none,
  query: none,
  kind: 'page',
  response: z.string(),
  errors: [],
  handler: showDocs,
});

/**
 * Scripts, styles and answers come from this host alone, as on every page. Scalar writes its styles into the page by
 * script, and gives elements styles of their own, hence `unsafe-inline` for styles: the page shows nothing but the API's
 * document and what its reader typed. No script stands inline.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function showDocs(_deps: unknown, ctx: ApiContext): void {
  ctx.set('Content-Security-Policy', POLICY);
  ctx.type = 'html';
  ctx.body = PAGE;
}

const PAGE = `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference · Masker evidence</title>
<link rel="icon" href="${assetPath('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('docs.css')}">
<script src="${assetPath('scalar.js')}" defer></script>
<script src="${assetPath('docs.js')}" defer></script>
</head>
<body>
<p class="back"><a href="/">Masker evidence</a></p>
<div id="reference"></div>
<noscript><p>The reference needs JavaScript. The OpenAPI document has all that it shows.</p></noscript>
</body>
</html>`}\n`;
