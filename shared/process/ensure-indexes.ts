// Creates the indexes that the repositories declare.
import type { Db } from 'mongodb';
import { ACCESS_INDEXES } from '../access-record/access-repository.ts';
import { ACCOUNT_INDEXES } from '../accounts/account-repository.ts';
import { AGENT_INDEXES } from '../accounts/agent-repository.ts';
import { LOGIN_INDEXES } from '../accounts/login-repository.ts';
import { SIGN_IN_LINK_INDEXES } from '../accounts/sign-in-links.ts';
import { TOKEN_INDEXES } from '../accounts/token-repository.ts';
import { USER_INDEXES } from '../accounts/user-repository.ts';
import { HOUR_INDEXES } from '../aggregates/hour-repository.ts';
import { SEGMENT_INDEXES } from '../log-store/segment-repository.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { isMongoJavaServer } from '../mongo/server-kind.ts';
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
  ...SEGMENT_INDEXES,
  ...LEDGER_INDEXES,
  ...REPORT_JOB_INDEXES,
  ...REPORT_FILE_INDEXES,
  ...ACCESS_INDEXES,
  ...WEBHOOK_INDEXES,
  ...WEBHOOK_DELIVERY_INDEXES,
];

/**
 * Creates every declared index that does not exist yet, and gives fields that earlier releases stored under other names
 * their names of today. Several processes may call it at once. Rejects with the driver's error.
 */
export async function ensureIndexes(db: Db): Promise<void> {
  const emulated = await isMongoJavaServer(db);
  for (const { collection, key, emulatedOnly, ...options } of INDEXES) {
    if (emulatedOnly && !emulated) continue;
    await db.collection(collection).createIndex(key, options);
  }
  await renameOldFields(db);
}
