// The events that webhooks tell of. They hold ids and counts only: no text of a caller leaves by this way.
import { createHash } from 'node:crypto';
import { ID_PREFIXES } from '../audit/ids.ts';

/** The types of events that a webhook may take. */
export const EVENT_TYPES = ['session.closed', 'log.failed', 'report.ready', 'checkpoint.signed'] as const;

/** One of `EVENT_TYPES`. */
export type EventType = (typeof EVENT_TYPES)[number];

/** An event, with what its message says under `data`. */
export type WebhookEvent =
  | Readonly<{
      type: 'session.closed';
      data: Readonly<{ session_id: string; agent_id: string; size: number; merkle_root_hex: string }>;
    }>
  | Readonly<{ type: 'log.failed'; data: Readonly<{ session_id: string; fault: string; seq: number }> }>
  | Readonly<{ type: 'report.ready'; data: Readonly<{ report_id: string; scope: string }> }>
  | Readonly<{ type: 'checkpoint.signed'; data: Readonly<{ size: number; origin: string; root: string }> }>
  /** Sent on demand, to one webhook, whatever events it takes. */
  | Readonly<{ type: 'webhook.test'; data: Readonly<{ webhook_id: string }> }>;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Digits of 128 bits in base 32. */
const DIGITS = 26;

/**
 * The id of the message about an event. The same account, type and occurrence always give the same id, so an event that
 * is told of twice stays one message. `occurrence` names what happened among all events of the type.
 */
export function messageIdOf(accountId: string, type: WebhookEvent['type'], occurrence: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, type, occurrence]))
    .digest();
  let left = digest.readBigUInt64BE(0) * 2n ** 64n + digest.readBigUInt64BE(8);
  let text = '';
  for (let i = 0; i < DIGITS; i += 1) {
    text = CROCKFORD[Number(left % 32n)] + text;
    left /= 32n;
  }
  return `${ID_PREFIXES.message}_${text}`;
}
