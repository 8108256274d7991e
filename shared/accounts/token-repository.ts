// Bearer tokens: how a program acts for an account. A token is nobody's: it has no user, and where a user is recorded, as
// in the ledger of reports, its own id stands. A revoked token keeps its row, so that this id still names something.
import type { Collection, Db } from 'mongodb';
import { isId, newId } from '../audit/ids.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { HOUR_MS } from '../time/durations.ts';
import { isTime } from '../time/is-time.ts';
import { isPermissionList, type Permission } from './permissions.ts';
import { hashSecret } from './secrets.ts';
import { isTokenText, newTokenText } from './token-text.ts';

/** Use of a token is written at most this often. */
const WRITE_EVERY_MS = HOUR_MS;

/** A token of an account, without its text. `id` is `tok_…`. */
export type Token = Readonly<{
  id: string;
  accountId: string;
  name: string;
  scopes: readonly Permission[];
  createdAt: Date;
  expiresAt: Date;
  /** At most an hour before the last use; null before the first one. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}>;

/** What a new token is to be. */
export type TokenDraft = Readonly<{ name: string; scopes: readonly Permission[]; expiresAt: Date }>;

type StoredToken = {
  /** SHA-256 hex of the token's text. */
  _id: string;
  id: string;
  account_id: string;
  name: string;
  scopes: Permission[];
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
};

/** Indexes of `tokens`: those of an account, each by its id. */
export const TOKEN_INDEXES: readonly IndexSpec[] = [
  { collection: 'tokens', key: { account_id: 1, id: 1 }, unique: true },
];

/** The bearer tokens of all accounts. */
export type TokenRepository = ReturnType<typeof createTokenRepository>;

/**
 * Makes, finds and revokes tokens. Stores hashes of their texts only. Knows nothing of accounts that were deleted: who
 * asks looks at them as well. All methods reject with the driver's error when the database does not answer.
 */
export function createTokenRepository(db: Db) {
  const tokens: Collection<StoredToken> = db.collection('tokens');

  return {
    /** Makes a token. Returns its text, which is stored nowhere. */
    async create(
      accountId: string,
      { name, scopes, expiresAt }: TokenDraft,
      now: Date = new Date(),
    ): Promise<{ id: string; text: string }> {
      const [id, text] = [newId('token'), newTokenText()];
      await tokens.insertOne({
        _id: hashSecret(text),
        id,
        account_id: accountId,
        name,
        scopes: [...scopes],
        created_at: now,
        expires_at: expiresAt,
        last_used_at: null,
        revoked_at: null,
      });
      return { id, text };
    },

    /**
     * The token of a text; null for one that is malformed, unknown, expired or revoked. Takes no account id: the token
     * names the caller's account.
     */
    async findByText(text: string, now: Date): Promise<Token | null> {
      // Looks for a malformed text, too: the time that an answer takes must not tell it from one that was revoked.
      const row = await tokens.findOne({ _id: hashSecret(text) });
      const token = isTokenText(text) && row ? readToken(row) : null;
      return token && token.expiresAt > now && token.revokedAt === null ? token : null;
    },

    /** Records a use, at most once an hour. */
    async recordUse(token: Token, now: Date): Promise<void> {
      const { accountId, id, lastUsedAt } = token;
      if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < WRITE_EVERY_MS) return;
      // Of requests at the same time, one writes.
      const filter = { account_id: accountId, id, last_used_at: lastUsedAt };
      await tokens.updateOne(filter, { $set: { last_used_at: now } });
    },

    /**
     * Tokens of the account, expired and revoked ones too, newest first, at most `limit`, from the first one after
     * `afterId`. Passes over rows that are not as `create` writes them.
     */
    async list(accountId: string, limit: number, afterId: string | null = null): Promise<Token[]> {
      const page: Token[] = [];
      const rows = tokens
        .find({ account_id: accountId, ...(afterId !== null && { id: { $lt: afterId } }) })
        .sort({ id: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      for await (const row of rows) {
        const token = readToken(row);
        if (token) page.push(token);
        if (page.length === limit) break;
      }
      return page;
    },

    /** Revokes a token for good. False when the account has none with this id. A second time changes nothing. */
    async revoke(accountId: string, tokenId: string, now: Date = new Date()): Promise<boolean> {
      const owned = { account_id: accountId, id: tokenId };
      await tokens.updateOne({ ...owned, revoked_at: null }, { $set: { revoked_at: now } });
      return (await tokens.findOne(owned, { projection: { _id: 1 } })) !== null;
    },
  };
}

/** Null for a row that is not as `create` writes it: its text opens nothing. */
function readToken(row: StoredToken): Token | null {
  if (typeof row.name !== 'string' || !isPermissionList(row.scopes)) return null;
  if (!isId('token', row.id) || !isId('account', row.account_id)) return null;
  if (!isTime(row.created_at) || !isTime(row.expires_at)) return null;
  if (![row.last_used_at, row.revoked_at].every((at) => at === null || isTime(at))) return null;
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
