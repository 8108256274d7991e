// Sign-in links: how a person gets a login without a terminal. Only the SHA-256 of a link's token is stored, so that a copy
// of the database signs nobody in.
import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { MINUTE_MS } from '../time/durations.ts';
import type { Permission } from './permissions.ts';
import { hashSecret } from './secrets.ts';

const TOKEN_BYTES = 32;

/** Minutes for which a link works. */
export const SIGN_IN_LINK_MINUTES = 10;

/** The login that a link gives. */
export type SignInLink = Readonly<{
  accountId: string;
  userId: string;
  permissions: readonly Permission[];
}>;

type StoredLink = {
  /** SHA-256 hex of the token. */
  _id: string;
  account_id: string;
  user_id: string;
  permissions: Permission[];
  created_at: Date;
  expires_at: Date;
};

/** Indexes of `sign_in_links`. MongoDB deletes a link once it has expired. */
export const SIGN_IN_LINK_INDEXES: readonly IndexSpec[] = [
  { collection: 'sign_in_links', key: { expires_at: 1 }, expireAfterSeconds: 0 },
];

/** The sign-in links of all accounts, by token. */
export type SignInLinks = ReturnType<typeof createSignInLinks>;

/**
 * Makes, finds and uses up sign-in links. Stores hashes of tokens only. Knows nothing of users and accounts that were
 * deleted: who asks looks at them as well. All methods reject with the driver's error when the database does not answer.
 */
export function createSignInLinks(db: Db) {
  const links: Collection<StoredLink> = db.collection('sign_in_links');

  return {
    /** Makes a link that works once, within `SIGN_IN_LINK_MINUTES` of `now`. Returns its token, which is stored nowhere. */
    async issue(
      { accountId, userId, permissions }: SignInLink,
      now: Date = new Date(),
    ): Promise<{ token: string; expiresAt: Date }> {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const expiresAt = new Date(now.getTime() + SIGN_IN_LINK_MINUTES * MINUTE_MS);
      await links.insertOne({
        _id: hashSecret(token),
        account_id: accountId,
        user_id: userId,
        permissions: [...permissions],
        created_at: now,
        expires_at: expiresAt,
      });
      return { token, expiresAt };
    },

    /** The link of a token, which it leaves as it is; null for an unknown, used or expired one. */
    async find(token: string, now: Date): Promise<SignInLink | null> {
      return toLink(await links.findOne({ _id: hashSecret(token) }), now);
    },

    /** Takes the link of a token away, in one step: of two callers at once, one gets it and the other null. */
    async useUp(token: string, now: Date): Promise<SignInLink | null> {
      return toLink(await links.findOneAndDelete({ _id: hashSecret(token) }), now);
    },
  };
}

/** A row may hold anything: an object in place of an id would be taken for a filter. */
function toLink(row: StoredLink | null, now: Date): SignInLink | null {
  if (!row || !isId('user', row.user_id) || !isId('account', row.account_id)) return null;
  if (!(row.expires_at > now)) return null;
  return { accountId: row.account_id, userId: row.user_id, permissions: row.permissions };
}
