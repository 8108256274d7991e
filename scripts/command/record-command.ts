// What an operator does at a terminal stands in the access record, too: without request and address.
import type { Db } from 'mongodb';
import { createAccessRepository } from '../../shared/access-record/access-repository.ts';
import type { AccessEvent } from '../../shared/access-record/access-row.ts';
import { appendAccess } from '../../shared/access-record/append-access.ts';
import { type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import { TRY_ON_MS } from '../../shared/mongo/try-on.ts';

type Recorded = Pick<AccessEvent, 'action' | 'subject'> & Readonly<{ user?: string }>;

/** Adds to the access record of an account. Rejects with a store failure when the database stays away. */
export async function recordCommand(
  { db, auditKeys }: Readonly<{ db: Db; auditKeys: readonly AuditKeyBytes[] }>,
  accountId: string,
  done: readonly Recorded[],
): Promise<void> {
  const deps = {
    rows: createAccessRepository(db),
    keyring: createKeyring(auditKeys),
    tryOnMs: TRY_ON_MS,
  };
  const at = new Date();
  const nowhere = { at, token: null, requestId: null, address: null };
  const events = done.map(({ action, subject, user = null }) => ({ ...nowhere, action, subject, user }));
  if (events.length > 0) await appendAccess(deps, accountId, events, null);
}
