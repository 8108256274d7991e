// The forms of a webhook's page. Each does what the API's route does.
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import {
  changeWebhook,
  findWebhook,
  removeWebhook,
  retryMessage,
  rotateSecret,
  sendTest,
} from '../../../routes/webhooks/manage-webhooks.ts';
import { messageParams, webhookParams } from '../../../routes/webhooks/schema.ts';
import { html } from '../../markup/html.ts';
import { time } from '../../markup/time.ts';
import { defineForm, type Form, type FormInput, type PageContent, type Redirect } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { secretShown } from './add.ts';
import { changeForm, draftOf, NO_EVENTS, webhookFields } from './webhook-form.ts';

const permission = 'webhooks:write';

type Input = FormInput<typeof webhookParams, typeof none>;

export const CHANGE_WEBHOOK_FORMS: readonly Form[] = [
  defineForm({
    path: '/webhooks/{webhook_id}/change',
    summary: 'Changes a webhook, and sends to it again where it was disabled.',
    permission,
    params: webhookParams,
    fields: webhookFields,
    errors: ['webhook_not_found', 'validation_failed'],
    submit: submitChange,
  }),
  defineForm({
    path: '/webhooks/{webhook_id}/test',
    summary: 'Sends a webhook a test message.',
    permission,
    params: webhookParams,
    fields: none,
    errors: ['webhook_not_found', 'validation_failed'],
    submit: submitTest,
  }),
  defineForm({
    path: '/webhooks/{webhook_id}/secret',
    summary: 'Makes a new secret, and shows it once.',
    permission,
    params: webhookParams,
    fields: none,
    errors: ['webhook_not_found'],
    submit: submitSecret,
  }),
  defineForm({
    path: '/webhooks/{webhook_id}/delete',
    summary: 'Deletes a webhook with its messages.',
    permission,
    params: webhookParams,
    fields: none,
    errors: ['webhook_not_found'],
    submit: submitDelete,
  }),
  defineForm({
    path: '/webhooks/{webhook_id}/messages/{message_id}/retry',
    summary: 'Sends a message again.',
    permission,
    params: messageParams,
    fields: none,
    errors: ['webhook_not_found', 'validation_failed'],
    submit: submitRetry,
  }),
];

async function submitChange(
  deps: ApiDeps,
  ctx: ApiContext,
  { params: { webhook_id: id }, fields }: FormInput<typeof webhookParams, typeof webhookFields>,
): Promise<PageContent | Redirect> {
  const draft = draftOf(fields);
  const again = (problem: string): PageContent => ({
    title: 'Change the webhook',
    status: 422,
    main: changeForm(String(id), { ...draft, problem }),
  });
  const { id: found } = await findWebhook(deps, ctx.state.actor.accountId, id);
  if (draft.events.length === 0) return again(NO_EVENTS);
  try {
    await changeWebhook(deps, ctx, found, draft);
  } catch (error) {
    if (error instanceof AppError && error.code === 'validation_failed') return again(error.message);
    throw error;
  }
  return { redirectTo: `/webhooks/${found}` };
}

async function submitTest(deps: ApiDeps, ctx: ApiContext, { params }: Input): Promise<Redirect> {
  await sendTest(deps, ctx, params.webhook_id);
  return { redirectTo: `/webhooks/${params.webhook_id}` };
}

async function submitSecret(deps: ApiDeps, ctx: ApiContext, { params }: Input): Promise<PageContent> {
  const { secret, previousUntil } = await rotateSecret(deps, ctx, params.webhook_id);
  return {
    title: 'New secret made',
    main: html`${secretShown(String(params.webhook_id), secret)}
<p>The secret before it signs as well until ${time(previousUntil, timeZoneOf(ctx))}.</p>`,
  };
}

async function submitDelete(deps: ApiDeps, ctx: ApiContext, { params }: Input): Promise<Redirect> {
  await removeWebhook(deps, ctx, params.webhook_id);
  return { redirectTo: '/webhooks' };
}

async function submitRetry(
  deps: ApiDeps,
  ctx: ApiContext,
  { params: { webhook_id: id, message_id: messageId } }: FormInput<typeof messageParams, typeof none>,
): Promise<Redirect> {
  await retryMessage(deps, ctx, { id, messageId });
  return { redirectTo: `/webhooks/${id}` };
}
