import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { makeWebhook } from '../../../routes/webhooks/manage-webhooks.ts';
import { type Html, html } from '../../markup/html.ts';
import { defineForm, type FormInput, type PageContent } from '../../page/page.ts';
import { addForm, draftOf, NO_EVENTS, type WebhookFormState, webhookFields } from './webhook-form.ts';

export const ADD_WEBHOOK_FORM = defineForm({
  path: '/webhooks',
  summary: 'Adds a webhook, and shows its secret once.',
  permission: 'webhooks:write',
  params: none,
  fields: webhookFields,
  errors: [],
  submit: addWebhook,
});

async function addWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'webhookUrls' | 'announcer'>,
  ctx: ApiContext,
  { fields }: FormInput<typeof none, typeof webhookFields>,
): Promise<PageContent> {
  const draft = draftOf(fields);
  if (draft.events.length === 0) return formAgain(draft, NO_EVENTS);
  try {
    const { webhook, secret } = await makeWebhook(deps, ctx, draft);
    return { title: 'Webhook added', main: secretShown(webhook.id, secret) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'validation_failed')
      return formAgain(draft, error.message);
    throw error;
  }
}

/** The one time that a secret is shown. */
export function secretShown(id: string, secret: string): Html {
  return html`<p role="status">Copy the secret now: it is not shown again.</p>
<pre class="copy"><code>${secret}</code></pre>
<p>Whoever receives the messages verifies their signature with it, as standardwebhooks.com says.</p>
<p><a href="/webhooks/${id}">To the webhook</a></p>`;
}

function formAgain(filled: Omit<WebhookFormState, 'problem'>, problem: string): PageContent {
  return { title: 'Add a webhook', status: 422, main: addForm({ ...filled, problem }) };
}
