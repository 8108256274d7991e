// Webhooks: where an account's events are sent.
import type { Db } from 'mongodb';
import { isId, newId } from '../audit/ids.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { DAY_MS } from '../time/durations.ts';
import { isTime } from '../time/is-time.ts';
import { EVENT_TYPES, type EventType } from './events.ts';
import { newSecret } from './sign-message.ts';
import type { TellStray } from './tell-stray.ts';

/** Name of the collection. */
export const WEBHOOKS = 'webhooks';

/** Webhooks of an account, at most. */
export const WEBHOOK_LIMIT = 20;

/** After a rotation, the secret before it signs beside the new one for this long. */
export const SECRET_KEPT_MS = DAY_MS;

/** Secrets that sign at once, at most: each takes 48 bytes of a header. */
const SECRETS_LIMIT = 5;

/** A webhook, without its secrets. `id` is `whk_…`. */
export type Webhook = Readonly<{
  id: string;
  accountId: string;
  url: string;
  events: readonly EventType[];
  /** May be empty. */
  description: string;
  createdAt: Date;
  /** When its receiver answered 410, and so wants no more; null before. */
  disabledAt: Date | null;
}>;

/** What a new webhook is to be. The URL has been checked. */
export type WebhookDraft = Pick<Webhook, 'url' | 'events' | 'description'>;

type StoredSecret = { text: string; until: Date | null };

type StoredWebhook = {
  _id: string;
  account_id: string;
  url: string;
  events: EventType[];
  description: string;
  /**
   * The newest first; the others sign until their time. Stored as they are, since a signature is made with the secret
   * itself: a hash would sign nothing. They leave by `create`, `rotate` and `findSecrets` alone.
   */
  secrets: StoredSecret[];
  created_at: Date;
  disabled_at: Date | null;
};

/** Indexes of the collection. */
export const WEBHOOK_INDEXES: readonly IndexSpec[] = [
  { collection: WEBHOOKS, key: { account_id: 1, _id: 1 } },
];

/** The webhooks of all accounts. */
export type WebhookRepository = ReturnType<typeof createWebhookRepository>;

const WITHOUT_SECRETS = { secrets: 0 } as const;

/**
 * All methods reject with the driver's error when the database does not answer. `tellStray` is told of each row that is not as
 * `create` writes it.
 */
export function createWebhookRepository(db: Db, tellStray: TellStray = () => {}) {
  const webhooks = db.collection<StoredWebhook>(WEBHOOKS);
  const read = (row: StoredWebhook): Webhook | null => {
    const webhook = readWebhook(row);
    if (!webhook) tellStray(WEBHOOKS, { accountId: row.account_id, webhookId: row._id });
    return webhook;
  };

  return {
    /** Makes a webhook. Returns its first secret with it. Null, and nothing is made, where the account has 20. */
    async create(
      accountId: string,
      { url, events, description }: WebhookDraft,
      now: Date = new Date(),
    ): Promise<{ webhook: Webhook; secret: string } | null> {
      const secret = newSecret();
      const row: StoredWebhook = {
        _id: newId('webhook'),
        account_id: accountId,
        url,
        events: [...events],
        description,
        secrets: [{ text: secret, until: null }],
        created_at: now,
        disabled_at: null,
      };
      await webhooks.insertOne(row);
      // Counted after the insert: of callers at the same time, none gets past the limit.
      if ((await webhooks.countDocuments({ account_id: accountId })) > WEBHOOK_LIMIT) {
        await webhooks.deleteOne({ _id: row._id, account_id: accountId });
        return null;
      }
      return { webhook: readWebhook(row) as Webhook, secret };
    },

    /** Null where the account has no such webhook. */
    async find(accountId: string, id: string): Promise<Webhook | null> {
      const row = await webhooks.findOne({ _id: id, account_id: accountId }, { projection: WITHOUT_SECRETS });
      return row && read(row);
    },

    /** Whether the account has it, in whatever form its row is. */
    async has(accountId: string, id: string): Promise<boolean> {
      return (
        (await webhooks.findOne({ _id: id, account_id: accountId }, { projection: { _id: 1 } })) !== null
      );
    },

    /** The account's webhooks after `afterId` by id, oldest first, at most `limit`. */
    async list(
      accountId: string,
      { afterId, limit }: Readonly<{ afterId: string | null; limit: number }>,
    ): Promise<Webhook[]> {
      const rows = webhooks
        .find({ account_id: accountId, ...(afterId !== null && { _id: { $gt: afterId } }) })
        .project<StoredWebhook>(WITHOUT_SECRETS)
        .sort({ _id: 1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      return await readPage(rows, read, limit);
    },

    /** The secrets that sign at a time, the newest first; empty where the account has no such webhook. */
    async findSecrets(accountId: string, id: string, now: Date): Promise<string[]> {
      const row = await webhooks.findOne({ _id: id, account_id: accountId });
      return row ? valid(row.secrets, now).map(({ text }) => text) : [];
    },

    /** Makes a new secret and returns it. Null where the account has no such webhook. */
    async rotate(accountId: string, id: string, now: Date = new Date()): Promise<string | null> {
      const owned = { _id: id, account_id: accountId };
      for (;;) {
        const row = await webhooks.findOne(owned);
        if (!row) return null;
        const [newest, ...older] = valid(row.secrets, now);
        const text = newSecret();
        const until = new Date(now.getTime() + SECRET_KEPT_MS);
        const kept = newest ? [{ text: newest.text, until }, ...older] : [];
        const secrets = [{ text, until: null }, ...kept].slice(0, SECRETS_LIMIT);
        // Where another caller rotates at the same time, neither secret is lost.
        const first = (row.secrets as unknown as Partial<StoredSecret>[] | null)?.[0]?.text;
        const seen = typeof first === 'string' ? { ...owned, 'secrets.0.text': first } : owned;
        if ((await webhooks.updateOne(seen, { $set: { secrets } })).matchedCount === 1) return text;
      }
    },

    /** Puts what it is in the place of what it was, and sends to it again where it was disabled. Null as `rotate`. */
    async change(
      accountId: string,
      id: string,
      { url, events, description }: WebhookDraft,
    ): Promise<Webhook | null> {
      const row = await webhooks.findOneAndUpdate(
        { _id: id, account_id: accountId },
        { $set: { url, events: [...events], description, disabled_at: null } },
        { projection: WITHOUT_SECRETS, returnDocument: 'after' },
      );
      return row && read(row);
    },

    /** Its receiver wants no more. */
    async disable(accountId: string, id: string, now: Date): Promise<void> {
      await webhooks.updateOne(
        { _id: id, account_id: accountId, disabled_at: null },
        { $set: { disabled_at: now } },
      );
    },

    /** False where the account has no such webhook. */
    async remove(accountId: string, id: string): Promise<boolean> {
      return (await webhooks.deleteOne({ _id: id, account_id: accountId })).deletedCount === 1;
    },
  };
}

/** Those that sign at a time. Whoever writes to the database may leave anything in their place: none of it is a secret. */
function valid(stored: unknown, now: Date): StoredSecret[] {
  const secrets: unknown[] = Array.isArray(stored) ? stored : [];
  return secrets.filter((secret): secret is StoredSecret => {
    const { text, until } = (secret ?? {}) as Partial<StoredSecret>;
    return typeof text === 'string' && (until === null || (isTime(until) && until > now));
  });
}

/** Null for a row that is not as `create` writes it. */
function readWebhook(row: Omit<StoredWebhook, 'secrets'>): Webhook | null {
  const { _id: id, account_id: accountId, url, events, description } = row;
  if (
    !isId('webhook', id) ||
    typeof url !== 'string' ||
    !URL.canParse(url) ||
    typeof description !== 'string' ||
    !Array.isArray(events)
  )
    return null;
  if (!isTime(row.created_at)) return null;
  return {
    id,
    accountId,
    url,
    events: EVENT_TYPES.filter((type) => events.includes(type)),
    description,
    createdAt: row.created_at,
    disabledAt: isTime(row.disabled_at) ? row.disabled_at : null,
  };
}
