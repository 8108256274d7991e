import { WEBHOOK_LIMIT, type Webhook } from '../../../../shared/webhooks/webhook-repository.ts';
import type { ApiContext, ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { type Html, html } from '../../markup/html.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { definePage, type PageContent } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';
import { addForm, EMPTY_FORM } from './webhook-form.ts';

export const WEBHOOKS_PAGE = definePage({
  path: '/webhooks',
  summary: 'Lists the webhooks of the account, and adds one.',
  permission: 'webhooks:write',
  navigation: { label: 'Webhooks', group: 'account' },
  params: none,
  query: none,
  errors: [],
  show: showWebhooks,
});

async function showWebhooks({ webhooks }: Pick<ApiDeps, 'webhooks'>, ctx: ApiContext): Promise<PageContent> {
  const { actor } = ctx.state;
  const listed = await webhooks.list(actor.accountId, { afterId: null, limit: WEBHOOK_LIMIT });
  return {
    title: 'Webhooks',
    main: html`<p>The service tells programs of ${actor.accountName} what happens, by a signed request that holds ids and counts only.</p>
${webhookTable(listed, timeZoneOf(ctx))}
<h2>Add a webhook</h2>
${listed.length < WEBHOOK_LIMIT ? addForm(EMPTY_FORM) : html`<p>The account has ${WEBHOOK_LIMIT} webhooks, and may have no more: delete one first.</p>`}`,
  };
}

function webhookTable(webhooks: readonly Webhook[], timeZone: string): Html {
  return table(
    webhooks,
    [
      {
        heading: 'Webhook',
        holds: 'text',
        cell: ({ id, url }) => html`<a href="/webhooks/${id}">${url}</a>`,
      },
      { heading: 'State', cell: (webhook) => webhookState(webhook, timeZone) },
      { heading: 'Told of', holds: 'text', cell: ({ events }) => events.join(', ') },
      { heading: 'Description', holds: 'text', cell: ({ description }) => description },
      { heading: 'Added', cell: ({ createdAt }) => time(createdAt, timeZone) },
    ],
    {
      caption: `Webhooks, oldest first. Times are in ${timeZone}.`,
      empty: 'The account has no webhooks.',
    },
  );
}

/** Whether messages are sent there. */
export function webhookState({ disabledAt }: Webhook, timeZone: string): Html {
  if (disabledAt === null) return state('works', 'good');
  return html`${state('disabled', 'doubt')} by its receiver, ${time(disabledAt, timeZone)}`;
}
