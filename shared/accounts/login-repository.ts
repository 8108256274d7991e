// Logins: the users behind `masker_session` cookies. Only the SHA-256 of a cookie's token is stored, so that a copy of
// the database logs nobody in.
import { createHash, randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { DAY_MS, HOUR_MS } from '../time/durations.ts';
import type { Permission } from './permissions.ts';

/** Name of the cookie that carries the token. */
export const LOGIN_COOKIE = 'masker_session';

const TOKEN_BYTES = 32;
/** How far ahead each slide moves the expiry. */
const IDLE_MS = 30 * DAY_MS;
/** The age at which a login ends even if it is in use. */
const LIFETIME_MS = 90 * DAY_MS;
/** A login in use is written at most this often. */
const SLIDE_EVERY_MS = HOUR_MS;

/** The user and account of a valid token, and the permissions of the login. */
export type Login = Readonly<{
  userId: string;
  accountId: string;
  permissions: readonly Permission[];
  createdAt: Date;
  /** When the expiry was last moved. */
  slidAt: Date;
  expiresAt: Date;
}>;

type StoredLogin = {
  /** SHA-256 hex of the token. */
  _id: string;
  user_id: string;
  account_id: string;
  permissions: Permission[];
  created_at: Date;
  slid_at: Date;
  expires_at: Date;
};

/** Indexes of `logins`. MongoDB deletes a login once it has expired. */
export const LOGIN_INDEXES: readonly IndexSpec[] = [
  { collection: 'logins', key: { user_id: 1 } },
  { collection: 'logins', key: { expires_at: 1 }, expireAfterSeconds: 0 },
];

/** The logins of all accounts, by token. */
export type LoginRepository = ReturnType<typeof createLoginRepository>;

/**
 * Issues and finds logins. Stores hashes of tokens only. All methods reject with the driver's error when the database
 * does not answer.
 */
export function createLoginRepository(db: Db) {
  const logins: Collection<StoredLogin> = db.collection('logins');

  return {
    /** Makes a login that expires 30 days after `now` unless used. Returns the token, which is stored nowhere. */
    async issue(
      accountId: string,
      userId: string,
      permissions: readonly Permission[],
      now: Date = new Date(),
    ): Promise<{ token: string; expiresAt: Date }> {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const expiresAt = new Date(now.getTime() + IDLE_MS);
      await logins.insertOne({
        _id: tokenHash(token),
        user_id: userId,
        account_id: accountId,
        permissions: [...permissions],
        created_at: now,
        slid_at: now,
        expires_at: expiresAt,
      });
      return { token, expiresAt };
    },

    /**
     * The login of a token; null for an unknown or expired one. The one look-up that takes no account id: the login
     * names the caller's account.
     */
    async findByToken(token: string, now: Date): Promise<Login | null> {
      const row = await logins.findOne({ _id: tokenHash(token), expires_at: { $gt: now } });
      return row && toLogin(row);
    },

    /**
     * Moves the expiry to 30 days after `now`, at most once an hour and never past 90 days after the login was made.
     * Returns the new expiry, or null when none was due or another request has just moved it.
     */
    async slide(token: string, login: Login, now: Date): Promise<Date | null> {
      const expiresAt = slidExpiry(login, now);
      if (!expiresAt) return null;
      const { matchedCount } = await logins.updateOne(
        { _id: tokenHash(token), slid_at: login.slidAt },
        { $set: { slid_at: now, expires_at: expiresAt } },
      );
      return matchedCount === 1 ? expiresAt : null;
    },
  };
}

function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function slidExpiry(login: Login, now: Date): Date | null {
  if (now.getTime() - login.slidAt.getTime() < SLIDE_EVERY_MS) return null;
  const expiresAtMs = Math.min(now.getTime() + IDLE_MS, login.createdAt.getTime() + LIFETIME_MS);
  return expiresAtMs > login.expiresAt.getTime() ? new Date(expiresAtMs) : null;
}

function toLogin(row: StoredLogin): Login {
  return {
    userId: row.user_id,
    accountId: row.account_id,
    permissions: row.permissions,
    createdAt: row.created_at,
    slidAt: row.slid_at,
    expiresAt: row.expires_at,
  };
}
