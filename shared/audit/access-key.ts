// The key of the access record, and the bytes that it signs.
import { createHmac } from 'node:crypto';
import { ChainHasher } from './chain.ts';

/**
 * The hasher under `HMAC-SHA256(audit_key, "masker-access/v1")`: no row of the access record can be an entry of a log, a
 * seal or a closing mark.
 */
export function createAccessHasher(auditKey: Uint8Array): ChainHasher {
  return new ChainHasher(createHmac('sha256', auditKey).update('masker-access/v1').digest());
}
