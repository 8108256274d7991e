import type { Permission } from '../../../../shared/accounts/permissions.ts';
import { LONGEST_NAME, readVisibleName } from '../../../../shared/accounts/visible-name.ts';
import { DAY_MS } from '../../../../shared/time/durations.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { makeToken } from '../../../routes/tokens/make-token.ts';
import { html } from '../../markup/html.ts';
import { time } from '../../markup/time.ts';
import { defineForm, type FormInput, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { type TokenFormState, tokenFields, tokenForm } from './token-form.ts';

export const MAKE_TOKEN_FORM = defineForm({
  path: '/tokens',
  summary: 'Makes a bearer token, and shows it once.',
  permission: 'tokens:write',
  params: none,
  fields: tokenFields,
  errors: ['forbidden'],
  submit: make,
});

async function make(
  deps: Pick<ApiDeps, 'tokens'>,
  ctx: ApiContext,
  { fields }: FormInput<typeof none, typeof tokenFields>,
): Promise<PageContent> {
  const { actor } = ctx.state;
  const scopes = [...new Set([fields.scopes ?? []].flat())];
  const name = readVisibleName(fields.name ?? '');
  if (name === null || scopes.length === 0) return formAgain(actor.permissions, { ...fields, scopes }, name);
  const { text, token } = await makeToken(deps, ctx, {
    name,
    scopes,
    lifetimeMs: Number(fields.days) * DAY_MS,
  });
  return {
    title: 'API token made',
    main: html`<p role="status">Copy the token now: it is not shown again.</p>
<pre class="copy"><code>${text}</code></pre>
<dl class="facts">
<dt>Name</dt><dd>${name}</dd>
<dt>Id</dt><dd><code>${token.id}</code></dd>
<dt>Permissions</dt><dd>${scopes.join(', ')}</dd>
<dt>Expires</dt><dd>${time(token.expiresAt, timeZoneOf(ctx))}</dd>
</dl>
<p>A program sends it with each request:</p>
<pre class="copy"><code>Authorization: Bearer TOKEN</code></pre>
<p><a href="/tokens">Back to the tokens</a></p>`,
  };
}

function formAgain(
  permissions: readonly Permission[],
  filled: Pick<TokenFormState, 'scopes' | 'days'> & Readonly<{ name?: string | undefined }>,
  name: string | null,
): PageContent {
  const problem =
    name === null
      ? `Give the token a name of 1 to ${LONGEST_NAME} characters, all of them visible.`
      : 'Choose at least one thing that the token may do.';
  return {
    title: 'Make a token',
    status: 422,
    main: tokenForm(permissions, { ...filled, name: filled.name ?? '', problem }),
  };
}
