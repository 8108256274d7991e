// Events of an access record, and a record of them in a database.
import type { Db } from 'mongodb';
import {
  type AccessRepository,
  createAccessRepository,
} from '../../shared/access-record/access-repository.ts';
import type { AccessEvent, StoredAccess } from '../../shared/access-record/access-row.ts';
import { appendAccess } from '../../shared/access-record/append-access.ts';
import { type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { TEST_KEY } from './audit-world.ts';

/** The `i`th event: its time is `i` seconds behind the first one's. */
export function accessEvent(i: number, over: Partial<AccessEvent> = {}): AccessEvent {
  return {
    at: new Date(Date.UTC(2026, 4, 1) + i * 1000),
    user: newId('user'),
    token: null,
    action: 'session.view',
    subject: newId('session'),
    requestId: newId('request'),
    address: '203.0.113.7',
    ...over,
  };
}

export async function writeAccess(
  db: Db,
  events: readonly AccessEvent[],
  { accountId = newId('account'), keys = [TEST_KEY] as readonly AuditKeyBytes[] } = {},
): Promise<{ accountId: string; rows: AccessRepository }> {
  const rows = createAccessRepository(db);
  await appendAccess({ rows, keyring: createKeyring(keys) }, accountId, events, null);
  return { accountId, rows };
}

export function storedAccess(db: Db) {
  return db.collection<StoredAccess>('access_log');
}
