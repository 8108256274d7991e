// A row of the access record: who did or saw what, and the hash that chains it to the row before. It holds ids and an
// address, and nothing of what was seen.
import { hash } from 'node:crypto';
import type { AuditKey } from '../audit/audit-keys.ts';
import { canonicalize } from '../audit/canonical-json.ts';
import { isHashHex } from '../audit/hash-hex.ts';
import { isTime } from '../time/is-time.ts';

/**
 * What is recorded. A look is recorded before its answer is sent. An act is recorded after it was done, or before
 * where a second request would find it done: such a row may stand for an act that a failure prevented. `payloads.view` stands
 * beside the `session.view` that showed payloads. `login.command` and rows of tokens without a user are an operator's, at a terminal.
 */
export const ACCESS_ACTIONS = [
  'session.view',
  'payloads.view',
  'report.issue',
  'report.order',
  'report.read',
  'proof.read',
  'evidence.read',
  'report.delete',
  'list.export',
  'login.link',
  'login.oidc',
  'login.command',
  'login.revoke',
  'login.end',
  'token.make',
  'token.revoke',
  'policy.store',
  'agent.store',
  'webhook.make',
  'webhook.change',
  'webhook.secret',
  'webhook.test',
  'webhook.retry',
  'webhook.delete',
  'admin.view',
  'admin.change',
] as const;

/** One of `ACCESS_ACTIONS`. */
export type AccessAction = (typeof ACCESS_ACTIONS)[number];

/** What happened, before it has its place in the record. */
export type AccessEvent = Readonly<{
  at: Date;
  /** The user, `usr_…`; null for a token's request and for a command. */
  user: string | null;
  /** The bearer token, `tok_…`; null where a cookie or no one was behind the request. */
  token: string | null;
  action: AccessAction;
  /** The id of what was looked at or acted on, or an operators' page or queue; null where there is none. */
  subject: string | null;
  /** `req_…`; null for a command. */
  requestId: string | null;
  /** The peer's IP address: behind a proxy, the proxy's. Null for a command. */
  address: string | null;
}>;

/** An event in its place. `seq` counts from 0 in its account. */
export type AccessRow = AccessEvent &
  Readonly<{
    account: string;
    seq: number;
    /** The audit key; null where none was in force, so that nothing proves the row. */
    keyId: string | null;
    keyCheck: string | null;
    /** 64 hex digits: `this_hash` of the row before, 64 zeros in the first one. */
    prevHashHex: string;
    thisHashHex: string;
  }>;

/** A row of `access_log`. */
export type StoredAccess = {
  /** Account id, `/` and `seq` in 16 digits, so that ids of an account sort as its rows do. */
  _id: string;
  account: string;
  seq: number;
  at: Date;
  user: string | null;
  token: string | null;
  action: AccessAction;
  subject: string | null;
  request_id: string | null;
  address: string | null;
  key_id: string | null;
  key_check: string | null;
  prev_hash: string;
  this_hash: string;
};

const SEQ_DIGITS = 16;

/** The `_id` of a row. */
export function accessRowId(account: string, seq: number): string {
  return `${account}/${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

/** The place that an `_id` names in the account's record; null for one that no row can have. */
export function accessSeqOf(id: string, account: string): number | null {
  const seq = Number(id.slice(account.length + 1));
  return Number.isSafeInteger(seq) && seq >= 0 && accessRowId(account, seq) === id ? seq : null;
}

/** Every `_id` that begins with the account's and `/`: `0` follows `/`. */
export function accessRowIds(account: string): { $gte: string; $lt: string } {
  return { $gte: `${account}/`, $lt: `${account}0` };
}

/** `this_hash` of a row: by HMAC under its key, by plain SHA-256 where it has none. */
export function hashAccessRow(row: Omit<AccessRow, 'thisHashHex'>, key: AuditKey | null): string {
  const text = Buffer.from(canonicalText(row));
  const previous = Buffer.from(row.prevHashHex, 'hex');
  if (key === null) return hash('sha256', Buffer.concat([previous, text]), 'hex');
  const digest = Buffer.alloc(32);
  key.accessHasher.begin(previous);
  key.accessHasher.add(text, 0, text.length);
  key.accessHasher.finish(digest);
  return digest.toString('hex');
}

/** The row as it is hashed: RFC 8785, without the two hashes. */
function canonicalText(row: Omit<AccessRow, 'thisHashHex'>): string {
  return canonicalize({
    account: row.account,
    action: row.action,
    address: row.address,
    at: row.at.toISOString(),
    key_check: row.keyCheck,
    key_id: row.keyId,
    request_id: row.requestId,
    seq: row.seq,
    subject: row.subject,
    token: row.token,
    user: row.user,
  });
}

/** The row as it is stored. */
export function toStoredAccess(row: AccessRow): StoredAccess {
  return {
    _id: accessRowId(row.account, row.seq),
    account: row.account,
    seq: row.seq,
    at: row.at,
    user: row.user,
    token: row.token,
    action: row.action,
    subject: row.subject,
    request_id: row.requestId,
    address: row.address,
    key_id: row.keyId,
    key_check: row.keyCheck,
    prev_hash: row.prevHashHex,
    this_hash: row.thisHashHex,
  };
}

const NULLABLE = ['user', 'token', 'subject', 'request_id', 'address', 'key_id', 'key_check'] as const;
const FIELDS = 14;
/** Characters of a text: rows hold ids and addresses. Whatever is longer is no row of ours, and would be too long to hash. */
const LONGEST_TEXT = 512;

/**
 * A stored row; null for one that no version of this program can have written: a field is missing, ill-typed, too long or
 * one too many, or its `_id` is that of another place.
 */
export function readStoredAccess(stored: Readonly<Record<string, unknown>>): AccessRow | null {
  const row = stored as StoredAccess;
  const isText = (value: unknown) =>
    typeof value === 'string' && value.length <= LONGEST_TEXT && value.isWellFormed();
  if (Object.keys(row).length !== FIELDS || ![row.account, row.action].every(isText)) return null;
  if (!Number.isSafeInteger(row.seq) || row.seq < 0 || row._id !== accessRowId(row.account, row.seq)) {
    return null;
  }
  if (!NULLABLE.every((name) => row[name] === null || isText(row[name])) || !isTime(row.at)) return null;
  if ((row.key_id === null) !== (row.key_check === null)) return null;
  if (![row.prev_hash, row.this_hash].every(isHashHex)) return null;
  return {
    account: row.account,
    seq: row.seq,
    at: row.at,
    user: row.user,
    token: row.token,
    action: row.action,
    subject: row.subject,
    requestId: row.request_id,
    address: row.address,
    keyId: row.key_id,
    keyCheck: row.key_check,
    prevHashHex: row.prev_hash,
    thisHashHex: row.this_hash,
  };
}
