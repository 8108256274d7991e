import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import { openingMarkOf } from '../../shared/audit/opening.ts';
import type { Session } from '../../shared/sessions/session.ts';

/** The session as a writer opens it under the key, with the mark of its facts. */
export function openedBy(key: AuditKey, session: Session): Session {
  const log = { ...session.log, keyId: key.id, keyCheck: key.check };
  const opening = openingMarkOf(key.openingKey, { ...session, log });
  return { ...session, log: { ...log, opening } };
}
