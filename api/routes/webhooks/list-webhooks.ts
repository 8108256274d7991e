// Pages of an account's webhooks, and of a webhook's messages.
import { z } from 'zod';
import type { ApiDeps } from '../../http/context.ts';
import { cutPage, verifyCursor } from '../../http/paging.ts';
import { presentDelivery, presentWebhook } from './present.ts';
import type { deliveriesResponse, webhooksResponse } from './schema.ts';

type Page = Readonly<{ limit: number; cursor?: string | undefined }>;

const LIST = 'webhooks';

const webhooksState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.literal(LIST),
  after: z.string().describe('Id of the last webhook shown.'),
});

const deliveriesState = z.strictObject({
  v: z.literal(1),
  account: z.string(),
  list: z.string(),
  after: z
    .tuple([z.int(), z.string()])
    .describe('created_at (Unix milliseconds) and id of the last message shown.'),
});

/** Oldest first. */
export async function listWebhooks(
  deps: Pick<ApiDeps, 'webhooks' | 'cursors'>,
  accountId: string,
  { limit, cursor }: Page,
): Promise<z.infer<typeof webhooksResponse>> {
  const identity = { account: accountId, list: LIST } as const;
  const afterId = cursor === undefined ? null : verifyCursor(deps, cursor, webhooksState, identity).after;
  const rows = await deps.webhooks.list(accountId, { afterId, limit: limit + 1 });
  const { page, last } = cutPage(rows, limit);
  return {
    data: page.map(presentWebhook),
    next_cursor: last ? deps.cursors.sign({ v: 1, ...identity, after: last.id }) : null,
  };
}

/** Where a page of a webhook's messages begins. Throws `validation_failed` for a cursor of another list. */
export function readDeliveryCursor(
  deps: Pick<ApiDeps, 'cursors'>,
  accountId: string,
  webhookId: string,
  cursor: string | undefined,
) {
  if (cursor === undefined) return null;
  const { after } = verifyCursor(deps, cursor, deliveriesState, identityOf(accountId, webhookId));
  return { createdAt: new Date(after[0]), messageId: after[1] };
}

/** Newest first. */
export async function listDeliveries(
  deps: Pick<ApiDeps, 'deliveries' | 'cursors'>,
  accountId: string,
  webhookId: string,
  { limit, after }: Readonly<{ limit: number; after: ReturnType<typeof readDeliveryCursor> }>,
): Promise<z.infer<typeof deliveriesResponse>> {
  const rows = await deps.deliveries.list(accountId, webhookId, { after, limit: limit + 1 });
  const { page, last } = cutPage(rows, limit);
  const place = last && [last.createdAt.getTime(), last.messageId];
  return {
    data: page.map(presentDelivery),
    next_cursor: place
      ? deps.cursors.sign({ v: 1, ...identityOf(accountId, webhookId), after: place })
      : null,
  };
}

function identityOf(account: string, webhookId: string) {
  return { account, list: `webhooks/${webhookId}/deliveries` };
}
