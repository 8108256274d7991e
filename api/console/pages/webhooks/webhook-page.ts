import type { Attempt, Delivery, DeliveryState } from '../../../../shared/webhooks/delivery.ts';
import type { Webhook } from '../../../../shared/webhooks/webhook-repository.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none, type RouteInput } from '../../../http/route-spec.ts';
import { findWebhook } from '../../../routes/webhooks/manage-webhooks.ts';
import { webhookParams } from '../../../routes/webhooks/schema.ts';
import { confirmForm } from '../../markup/confirm.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { state, type Tone } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { webhookState } from './list.ts';
import { changeForm } from './webhook-form.ts';

export const WEBHOOK_PAGE = definePage({
  path: '/webhooks/{webhook_id}',
  summary: 'Shows a webhook, and its messages with their attempts.',
  permission: 'webhooks:write',
  params: webhookParams,
  query: none,
  errors: ['webhook_not_found'],
  show: showWebhook,
});

/** The API lists more. */
const MESSAGES_AT_MOST = 50;

async function showWebhook(
  deps: Pick<ApiDeps, 'webhooks' | 'deliveries'>,
  ctx: ApiContext,
  { params }: RouteInput<typeof webhookParams, typeof none>,
): Promise<PageContent> {
  const { accountId } = ctx.state.actor;
  const webhook = await findWebhook(deps, accountId, params.webhook_id);
  const { id, url, events, description, createdAt, disabledAt } = webhook;
  const messages = await deps.deliveries.list(accountId, id, { after: null, limit: MESSAGES_AT_MOST });
  const timeZone = timeZoneOf(ctx);
  return {
    title: 'Webhook',
    main: html`${facts([
      ['Address', url],
      ['State', webhookState(webhook, timeZone)],
      ['Told of', events.join(', ')],
      ['Description', description],
      ['Added', time(createdAt, timeZone)],
      ['Id', html`<code>${id}</code>`],
    ])}
<div class="buttons">
${disabledAt === null ? html`<form method="post" action="/webhooks/${id}/test"><button type="submit">Send a test message</button></form>` : nothing}
${confirmForm(`/webhooks/${id}/secret`, 'Make a new secret', 'of this webhook')}
${confirmForm(`/webhooks/${id}/delete`, 'Delete', 'this webhook and its messages')}
</div>
<h2>Messages</h2>
${messageTable(webhook, messages, timeZone)}
<h2>Change it</h2>
${disabledAt === null ? nothing : html`<p>Its receiver answered 410, so nothing is sent. Once it takes messages again, save: it is sent what happens from then on.</p>`}
${changeForm(id, { url, events, description, problem: null })}`,
  };
}

function messageTable(
  { id: webhookId, disabledAt }: Pick<Webhook, 'id' | 'disabledAt'>,
  messages: readonly Delivery[],
  timeZone: string,
): Html {
  return table(
    messages,
    [
      {
        heading: 'Message',
        cell: ({ event, messageId }) => html`${event.type}<br><small><code>${messageId}</code></small>`,
      },
      { heading: 'State', cell: (message) => messageState(message, timeZone) },
      {
        heading: 'Send again',
        cell: ({ messageId }) =>
          disabledAt !== null
            ? '–'
            : html`<form method="post" action="/webhooks/${webhookId}/messages/${messageId}/retry"><button type="submit">Send again<span class="unseen"> ${messageId}</span></button></form>`,
      },
      { heading: 'Made', cell: ({ createdAt }) => time(createdAt, timeZone) },
      {
        heading: 'Attempts',
        holds: 'text',
        cell: ({ attempts }) =>
          attempts.length === 0
            ? 'none yet'
            : html`<ol>${attempts.map((attempt) => html`<li>${describeAttempt(attempt, timeZone)}</li>`)}</ol>`,
      },
      {
        heading: 'About',
        holds: 'text',
        cell: ({ event }) =>
          Object.entries(event.data)
            .map(([name, value]) => `${name} ${value}`)
            .join(', '),
      },
    ],
    {
      caption: `The newest ${MESSAGES_AT_MOST} messages of the last 30 days at most. Times are in ${timeZone}.`,
      empty: 'Nothing was sent in the last 30 days.',
    },
  );
}

const TONES = { pending: 'calm', delivered: 'good', dead: 'bad' } as const satisfies Record<
  DeliveryState,
  Tone
>;

function messageState({ state: word, nextAt }: Delivery, timeZone: string): Html {
  const shown = state(word === 'dead' ? 'given up' : word, TONES[word]);
  return nextAt === null ? shown : html`${shown}, next ${time(nextAt, timeZone)}`;
}

function describeAttempt({ at, status, error, durationMs }: Attempt, timeZone: string): Html {
  const outcome = error === null ? `answered ${status}` : NO_ANSWERS[error];
  return html`${time(at, timeZone)}: ${outcome}, ${durationMs} ms`;
}

const NO_ANSWERS = {
  timeout: 'no answer within 10 seconds',
  dns: 'its name has no address',
  address: 'its address is not public',
  tls: 'its certificate is not valid',
  connection: 'the connection was refused, or nothing is there',
  broken: 'the connection broke',
} as const satisfies Record<NonNullable<Attempt['error']>, string>;
