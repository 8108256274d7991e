// Creates the indexes that the repositories declare.
import { type Db, MongoServerError } from 'mongodb';
import { ACCESS_INDEXES } from '../access-record/access-repository.ts';
import { ACCOUNT_INDEXES } from '../accounts/account-repository.ts';
import { AGENT_INDEXES } from '../accounts/agent-repository.ts';
import { LOGIN_INDEXES } from '../accounts/login-repository.ts';
import { SIGN_IN_LINK_INDEXES } from '../accounts/sign-in-links.ts';
import { TOKEN_INDEXES } from '../accounts/token-repository.ts';
import { USER_INDEXES } from '../accounts/user-repository.ts';
import { HOUR_INDEXES } from '../aggregates/hour-repository.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { isUnauthorized } from '../mongo/unauthorized.ts';
import { POLICY_INDEXES } from '../policy/policy-repository.ts';
import { REPORT_FILE_INDEXES } from '../reports/report-files.ts';
import { REPORT_JOB_INDEXES } from '../reports/report-jobs.ts';
import { LEDGER_INDEXES } from '../reports/report-ledger.ts';
import { KEY_USE_INDEXES } from '../sessions/key-uses.ts';
import { renameOldFields } from '../sessions/rename-old-fields.ts';
import { SESSION_INDEXES } from '../sessions/session-indexes.ts';
import { PAYLOAD_INDEXES } from '../sessions/session-payloads.ts';
import { WEBHOOK_DELIVERY_INDEXES } from '../webhooks/delivery-repository.ts';
import { WEBHOOK_INDEXES } from '../webhooks/webhook-repository.ts';

const INDEXES: readonly IndexSpec[] = [
  ...ACCOUNT_INDEXES,
  ...USER_INDEXES,
  ...AGENT_INDEXES,
  ...LOGIN_INDEXES,
  ...SIGN_IN_LINK_INDEXES,
  ...TOKEN_INDEXES,
  ...POLICY_INDEXES,
  ...SESSION_INDEXES,
  ...PAYLOAD_INDEXES,
  ...KEY_USE_INDEXES,
  ...HOUR_INDEXES,
  ...LEDGER_INDEXES,
  ...REPORT_JOB_INDEXES,
  ...REPORT_FILE_INDEXES,
  ...ACCESS_INDEXES,
  ...WEBHOOK_INDEXES,
  ...WEBHOOK_DELIVERY_INDEXES,
];

/**
 * Creates every declared index that does not exist yet, and gives fields that earlier releases stored under other names
 * their names of today. Several processes may call it at once. Rejects as `createIndex` does.
 */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const spec of await listMissingIndexes(db)) await createIndex(db, spec);
  await renameOldFields(db);
}

/** The declared indexes that the database has not, in their order. To read which there are, a login that reads is enough. */
export async function listMissingIndexes(db: Db): Promise<IndexSpec[]> {
  const names = [...new Set(INDEXES.map(({ collection }) => collection))];
  const found = await Promise.all(names.map(async (name) => [name, await listIndexes(db, name)] as const));
  const there = new Map(found);
  return INDEXES.filter((spec) => there.get(spec.collection)?.has(nameOf(spec)) !== true);
}

/** Waits until the index is built. Rejects with the driver's error, or with the remedy where the login may not create it. */
export async function createIndex(db: Db, spec: IndexSpec): Promise<void> {
  const { collection, key, isNamed: _, ...options } = spec;
  try {
    await db.collection(collection).createIndex(key, options);
  } catch (error) {
    if (isUnauthorized(error)) throw new Error(NO_RIGHT, { cause: error });
    throw error;
  }
}

const NO_RIGHT =
  'An index is missing, and the login in MONGODB_URI has no right to create it: grant its user readWrite, or start the service once under one that has it.';

async function listIndexes(db: Db, collection: string): Promise<ReadonlySet<string>> {
  try {
    const indexes = await db.collection(collection).indexes();
    return new Set(indexes.map(({ key, unique }) => nameOf({ key, unique: unique === true })));
  } catch (error) {
    // A collection that is not there has none.
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return new Set();
    throw error;
  }
}

const NAMESPACE_NOT_FOUND = 26;

/** An index of the same fields that is not unique is another one. */
function nameOf({ key, unique }: Readonly<{ key: object; unique?: boolean }>): string {
  return JSON.stringify([Object.entries(key), unique === true]);
}
