// Logins: the users behind `masker_session` cookies. Only the SHA-256 of a cookie's token is stored, so that a copy of
// the database logs nobody in.
import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { isHashHex } from '../audit/hash-hex.ts';
import { isId } from '../audit/ids.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { DAY_MS, HOUR_MS } from '../time/durations.ts';
import { isTime } from '../time/is-time.ts';
import { isPermissionList, type Permission } from './permissions.ts';
import { hashSecret } from './secrets.ts';

/** Name of the cookie that carries the token. */
export const LOGIN_COOKIE = 'masker_session';

const TOKEN_BYTES = 32;
/** How far ahead a use moves the expiry. */
const IDLE_MS = 30 * DAY_MS;
/** The age at which a login ends even if it is in use. */
const LIFETIME_MS = 90 * DAY_MS;
/** A login in use is written at most this often. */
const WRITE_EVERY_MS = HOUR_MS;

const ID_PREFIX = 'lgn_';
const ID_DIGITS = 16;
/** Matches the id of a login and no other text. */
export const LOGIN_ID_PATTERN = new RegExp(`^${ID_PREFIX}[0-9a-f]{${ID_DIGITS}}$`);

/** The user and account of a valid token, and the permissions of the login. */
export type Login = Readonly<{
  /** `lgn_` and 16 hex digits. Names the login where its token must not be shown, and logs nobody in. */
  id: string;
  userId: string;
  accountId: string;
  permissions: readonly Permission[];
  createdAt: Date;
  /** At most an hour before the last use; null before the first one. */
  lastUsedAt: Date | null;
  expiresAt: Date;
}>;

type StoredLogin = {
  /** SHA-256 hex of the token. */
  _id: string;
  user_id: string;
  account_id: string;
  permissions: Permission[];
  created_at: Date;
  last_used_at?: Date | null;
  expires_at: Date;
};

/** Indexes of `logins`. MongoDB deletes a login once it has expired. */
export const LOGIN_INDEXES: readonly IndexSpec[] = [
  { collection: 'logins', key: { user_id: 1 } },
  { collection: 'logins', key: { account_id: 1, created_at: -1 } },
  { collection: 'logins', key: { expires_at: 1 }, expireAfterSeconds: 0 },
];

/** The logins of all accounts, by token. */
export type LoginRepository = ReturnType<typeof createLoginRepository>;

/**
 * Issues, finds and ends logins. Stores hashes of tokens only. Knows nothing of users and accounts that were deleted: who
 * asks looks at them as well. All methods reject with the driver's error when the database does not answer.
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
        _id: hashSecret(token),
        user_id: userId,
        account_id: accountId,
        permissions: [...permissions],
        created_at: now,
        last_used_at: null,
        expires_at: expiresAt,
      });
      return { token, expiresAt };
    },

    /**
     * The login of a token; null for an unknown or expired one. The one look-up that takes no account id: the login
     * names the caller's account.
     */
    async findByToken(token: string, now: Date): Promise<Login | null> {
      return readLogin(await logins.findOne({ _id: hashSecret(token) }), now);
    },

    /**
     * Records a use, at most once an hour: when it was, and the expiry moved to 30 days after `now`, never past 90 days
     * after the login was made. Returns the new expiry; null where it was moved less than an hour ago, or where another
     * request has just recorded its use. Does not bring back a login that was ended meanwhile.
     */
    async recordUse(token: string, login: Login, now: Date): Promise<Date | null> {
      const { lastUsedAt } = login;
      if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < WRITE_EVERY_MS) return null;
      const expiresAt = movedExpiry(login, now);
      const { matchedCount } = await logins.updateOne(
        { _id: hashSecret(token), last_used_at: lastUsedAt },
        { $set: { last_used_at: now, ...(expiresAt && { expires_at: expiresAt }) } },
      );
      return matchedCount === 1 ? expiresAt : null;
    },

    /** Ends the login of a token, and tells whose it was; null for an unknown token, and for one of a login that expired. */
    async end(token: string, now: Date = new Date()): Promise<Pick<Login, 'accountId' | 'userId'> | null> {
      return readLogin(await logins.findOneAndDelete({ _id: hashSecret(token) }), now);
    },

    /** Logins of the account that have not expired, newest first, at most `limit`. Passes over rows that nobody signed in by. */
    async list(accountId: string, now: Date, limit: number): Promise<Login[]> {
      const rows = logins
        .find({ account_id: accountId, expires_at: { $gt: now } })
        .sort({ created_at: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      return await readPage(rows, (row) => readLogin(row, now), limit);
    },

    /** The login of the account; null when it has none with this id, or the login has expired. */
    async find(accountId: string, loginId: string, now: Date): Promise<Login | null> {
      if (!LOGIN_ID_PATTERN.test(loginId)) return null;
      return readLogin(await logins.findOne({ _id: hashesOf(loginId), account_id: accountId }), now);
    },

    /** Whether a login of the account is stored, expired or not. */
    async has(accountId: string, loginId: string): Promise<boolean> {
      if (!LOGIN_ID_PATTERN.test(loginId)) return false;
      const filter = { _id: hashesOf(loginId), account_id: accountId };
      return (await logins.findOne(filter, { projection: { _id: 1 } })) !== null;
    },

    /** Ends a login of the account. False when the account has none with this id. */
    async revoke(accountId: string, loginId: string): Promise<boolean> {
      if (!LOGIN_ID_PATTERN.test(loginId)) return false;
      const { deletedCount } = await logins.deleteMany({ _id: hashesOf(loginId), account_id: accountId });
      return deletedCount > 0;
    },

    /** Ends all logins of the account. Returns how many there were, expired ones included that were still stored. */
    async revokeAll(accountId: string): Promise<number> {
      return (await logins.deleteMany({ account_id: accountId })).deletedCount;
    },
  };
}

/** The id of the login that has a token, whether or not there is one. */
export function loginIdOf(token: string): string {
  return idOfHash(hashSecret(token));
}

/** 64 bits of a hash of 256 random bits: they tell nothing of the token. */
function idOfHash(hash: string): string {
  return `${ID_PREFIX}${hash.slice(0, ID_DIGITS)}`;
}

/** The hashes from which the id of a login comes: `g` follows every hex digit. */
function hashesOf(loginId: string): { $gte: string; $lt: string } {
  const begin = loginId.slice(ID_PREFIX.length);
  return { $gte: begin, $lt: `${begin}g` };
}

/** Null where the expiry would move by less than an hour. */
function movedExpiry({ createdAt, expiresAt }: Login, now: Date): Date | null {
  const movedMs = Math.min(now.getTime() + IDLE_MS, createdAt.getTime() + LIFETIME_MS);
  return movedMs - expiresAt.getTime() >= WRITE_EVERY_MS ? new Date(movedMs) : null;
}

/**
 * Null for a login that has expired, and for a row that is not as `issue` writes it: no cookie of such a row signs in. A row
 * may hold anything, and an object in place of an id would be taken for a filter.
 */
function readLogin(row: StoredLogin | null, now: Date): Login | null {
  if (!row || !isHashHex(row._id) || !isId('user', row.user_id) || !isId('account', row.account_id))
    return null;
  if (!isPermissionList(row.permissions) || !isTime(row.created_at)) return null;
  if (!isTime(row.expires_at) || row.expires_at <= now) return null;
  if (row.last_used_at && !isTime(row.last_used_at)) return null;
  return {
    id: idOfHash(row._id),
    userId: row.user_id,
    accountId: row.account_id,
    permissions: row.permissions,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? null,
    expiresAt: row.expires_at,
  };
}
