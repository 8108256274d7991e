import { z } from 'zod';
import { isShownName, NOT_SHOWN } from '../../../shared/accounts/visible-name.ts';
import { ATTEMPT_ERRORS, DELIVERY_STATES } from '../../../shared/webhooks/delivery.ts';
import { EVENT_TYPES } from '../../../shared/webhooks/events.ts';
import { pageResponse } from '../../http/paging.ts';
import { cursor, idOf, limit } from '../../http/parameters.ts';

const DESCRIPTION_LIMIT = 500;
/** A URL that is too long is refused by its own sentence, up to this many characters. */
const READ_AT_MOST = 20_000;

const EVENTS = `must be a list of one or more of ${EVENT_TYPES.join(', ')}`;
const EVENT = `must be one of ${EVENT_TYPES.join(', ')}`;

export const webhookParams = z.object({ webhook_id: idOf('webhook', 'The webhook') });
export const messageParams = webhookParams.extend({ message_id: idOf('message', 'The message') });
export const webhooksQuery = z.object({ limit, cursor });

export const webhookBody = z
  .strictObject({
    url: z
      .string('must be a text')
      .min(1, 'must not be empty')
      .max(READ_AT_MOST, 'is too long: send a URL of at most 2000 characters')
      .describe('Where events are sent: an absolute URL that begins with https://.'),
    events: z
      .array(z.enum(EVENT_TYPES, EVENT), EVENTS)
      .min(1, EVENTS)
      .max(EVENT_TYPES.length, EVENTS)
      .describe('The types of events that are sent.'),
    description: z
      .string('must be a text')
      .max(DESCRIPTION_LIMIT, `must have at most ${DESCRIPTION_LIMIT} characters`)
      .refine((text) => text === '' || isShownName(text), NOT_SHOWN)
      .optional()
      .describe('For people, such as what receives the events.'),
  })
  .describe('A webhook: what it is to be.');

export type WebhookBody = z.output<typeof webhookBody>;

const time = (description: string) => z.iso.datetime().describe(description);
const maybeTime = (description: string) => z.iso.datetime().nullable().describe(description);

const fields = {
  id: idOf('webhook', 'The webhook'),
  url: z.string().describe('Where events are sent.'),
  events: z.array(z.enum(EVENT_TYPES)).describe('The types of events that are sent.'),
  description: z.string().describe('For people; may be empty.'),
  created_at: time('When it was made.'),
  disabled_at: maybeTime(
    'When its receiver answered 410: nothing is sent until the webhook is changed. Null before.',
  ),
};

const secret = z
  .string()
  .describe('whsec_ and the key that signs messages, in base64. It is shown this once: keep it.');

export const webhookResponse = z.strictObject(fields);
export const newWebhookResponse = webhookResponse.extend({ secret });
export const webhooksResponse = pageResponse(webhookResponse, 'Webhooks, oldest first.');

export const secretResponse = z.strictObject({
  secret,
  previous_until: time('Until then, messages are signed with the secret before it as well.'),
});

export const deliveryResponse = z.strictObject({
  message_id: idOf('message', 'The message, as webhook-id of its requests says'),
  type: z.enum([...EVENT_TYPES, 'webhook.test']).describe('The type of the event.'),
  data: z
    .record(z.string(), z.union([z.string(), z.int()]))
    .describe('The ids and counts that the message holds.'),
  created_at: time('When the message was made: its timestamp.'),
  state: z
    .enum(DELIVERY_STATES)
    .describe('pending: is sent, now or again. delivered: was answered 2xx. dead: was given up.'),
  next_at: maybeTime('When it is sent next; null where it is not pending.'),
  attempts: z
    .array(
      z.strictObject({
        at: time('When the request was sent.'),
        status: z.int().nullable().describe('The status of the answer; null where there was none.'),
        error: z
          .enum(ATTEMPT_ERRORS)
          .nullable()
          .describe(
            'Why there was no answer: timeout (10 s), dns (the name has no address), address (it is not public), tls, connection (refused or unreachable), broken.',
          ),
        duration_ms: z.int().describe('Milliseconds.'),
      }),
    )
    .describe('The last 50 attempts, oldest first.'),
});

export const deliveriesResponse = pageResponse(deliveryResponse, 'Messages, newest first.');

export const webhookDetailResponse = webhookResponse.extend({
  deliveries: z.array(deliveryResponse).describe('The last 10 messages, newest first.'),
});

export const queuedResponse = z.strictObject({
  message_id: idOf('message', 'The message that is sent'),
});
