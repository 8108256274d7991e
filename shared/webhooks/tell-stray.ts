// Names rows of webhooks and of their messages that this program did not write, and so passes over.
import type { Logger } from 'pino';
import { isId } from '../audit/ids.ts';
import { createReminder } from '../time/reminder.ts';

/** Ids that a row states: whoever writes to the database may have left anything there. */
type StatedIds = Readonly<{ accountId: unknown; webhookId: unknown; messageId?: unknown }>;

/** Tells of a row that is passed over. */
export type TellStray = (collection: string, ids: StatedIds) => void;

/** Logs each row once an hour, with what is an id of it. */
export function createStrayTeller(log: Pick<Logger, 'warn'>): TellStray {
  const isToTell = createReminder();
  return (collection, { accountId, webhookId, messageId }) => {
    const about = {
      collection,
      ...(isId('account', accountId) && { account_id: accountId }),
      ...(isId('webhook', webhookId) && { webhook_id: webhookId }),
      ...(isId('message', messageId) && { message_id: messageId }),
    };
    if (isToTell(JSON.stringify(about))) {
      log.warn(about, 'a row is passed over, since it is not as this service writes it or has another _id');
    }
  };
}
