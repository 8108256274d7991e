// Which field of a session's row is not of the type that a writer stores. Whoever writes to the database can leave any
// value: nothing is stated from such a row, and everything that meets one goes on.
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { isHashHex } from '../audit/hash-hex.ts';
import { isId } from '../audit/ids.ts';
import { isTime } from '../time/is-time.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { readExternalKey } from './external-id.ts';
import { type Damage, type RecordedSession, SESSION_STATUSES } from './session.ts';

type Row = Readonly<Record<string, unknown>>;
type Check = (value: unknown, row: Row) => boolean;

/** What the record of the log is made of: without these, the log cannot be compared with anything. */
const RECORDED: Readonly<Record<string, Check>> = {
  account_id: (value) => isId('account', value),
  agent_id: (value) => isId('agent', value),
  started_at: isTime,
  ended_at: (value) => value === null || isTime(value),
  status: (value) => SESSION_STATUSES.some((status) => status === value),
  policy_sha256: isHashHex,
  log: (value) => isObject(value),
  'log.size': isSize,
  'log.head_hash': isHashHex,
  'log.key_id': isText,
  'log.key_check': isText,
  'log.seal': (value) => value === null || isText(value),
  merkle_root_hex: (value) => isAbsent(value) || isHashHex(value),
  merkle_root_size: (value) => isAbsent(value) || isSize(value),
};

/** What else a reader is shown. Counts are left out: the pipeline makes them anew from the log. */
const SHOWN: Readonly<Record<string, Check>> = {
  // Not shown. Every change of the row counts it up, which the database refuses for another type.
  changes: (value) => value === undefined || isSize(value),
  // Not shown: it proves facts of a log that is not sealed.
  'log.opening': (value) => value === undefined || isHashHex(value),
  policy_name: isText,
  policy_version: isSize,
  upstream_model: isText,
  external_key: (value, row) =>
    value === undefined || readExternalKey(row.account_id as string, value) !== null,
  metadata: (value) => value === undefined || isPairs(value, isText),
  stage_durations_ms: (value) => isPairs(value, isDuration),
  log_index: (value) => value === undefined || isLogIndex(value),
};

/** The first damaged field of those that were read; null where all are of their types. `read`: a projection of the row. */
export function findDamage(row: object, read: object): Damage | null {
  const isRead = (field: string) => field in read || (field.split('.')[0] as string) in read;
  for (const [checks, isRecorded] of [
    [RECORDED, true],
    [SHOWN, false],
  ] as const) {
    for (const [field, isOfType] of Object.entries(checks)) {
      if (isRead(field) && !isOfType(valueAt(row as Row, field), row as Row)) return { field, isRecorded };
    }
  }
  return null;
}

/**
 * The session with nothing of another type in what the record of its log is made of, so that it can be shown. Only for
 * that: the verdict on it says that its row is damaged. A start or an end stays as it is, and whoever shows one looks.
 */
export function withoutDamage<Row extends RecordedSession>(session: Row): Row {
  const { agentId, status, policySha256Hex, log, merkleRootHex, merkleRootSize } = session;
  return {
    ...session,
    agentId: isId('agent', agentId) ? agentId : '',
    status: SESSION_STATUSES.includes(status) ? status : 'partial',
    policySha256Hex: isText(policySha256Hex) ? policySha256Hex : '',
    log: {
      size: isSize(log.size) ? log.size : 0,
      headHashHex: isHashHex(log.headHashHex) ? log.headHashHex : ZERO_HASH_HEX,
      keyId: isText(log.keyId) ? log.keyId : '',
      keyCheck: isText(log.keyCheck) ? log.keyCheck : '',
      seal: isText(log.seal) ? log.seal : null,
      ...(isHashHex(log.opening) && { opening: log.opening }),
    },
    merkleRootHex: isHashHex(merkleRootHex) ? merkleRootHex : null,
    merkleRootSize: isSize(merkleRootSize) ? merkleRootSize : null,
  };
}

/** The pairs of a stored list whose values are of a type; none where it is anything else. */
export function pairsOr<T>(stored: unknown, isOfType: (value: unknown) => value is T): [string, T][] {
  return isPairs(stored, isOfType) ? (stored as [string, T][]) : [];
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

export function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isPairs(value: unknown, isOfType: Check): boolean {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && isText(pair[0]) && isOfType(pair[1], {});
  return Array.isArray(value) && value.every(isPair);
}

function valueAt(row: Row, field: string): unknown {
  const [name = '', inner] = field.split('.');
  const value = row[name];
  if (inner === undefined) return value;
  return isObject(value) ? value[inner] : undefined;
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
