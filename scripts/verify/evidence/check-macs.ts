// The axis `macs`: the chain and the seal, under the operator's audit keys.
import { createHmac } from 'node:crypto';
import { type AuditKeyBytes, EVERY_LOG, isInScope } from '../../../shared/audit/audit-keys.ts';
import type { JsonObject, JsonValue } from '../../../shared/audit/canonical-json.ts';
import { unsignedText } from '../../../shared/audit/entry.ts';
import { computeSeal, computeSealKey, sealMatches } from '../../../shared/audit/seal.ts';
import type { Closed } from './check-log.ts';
import { readCanonical, readText, timeOf } from './read-json.ts';
import { unchecked, wrong } from './verdict.ts';

export type Signed = Readonly<{
  entries: readonly Uint8Array[] | null;
  keyId: JsonValue | undefined;
  closed: Closed | null;
  accountId: JsonValue | undefined;
  startedAt: JsonValue | undefined;
}>;

export function checkMacs(
  { entries, keyId, closed, ...session }: Signed,
  keys: readonly AuditKeyBytes[] | null,
): string {
  if (keys === null) return unchecked('no audit keys were given (--audit-key-file)');
  if (entries === null) return unchecked('there are no entries in it');
  const find = (id: JsonValue | undefined): Uint8Array => {
    const key = keys.find((each) => each.id === id) ?? unchecked(`audit key ${id} was not given`);
    const scoped = {
      accountId: `${session.accountId}`,
      startedAt: new Date(timeOf(session.startedAt) ?? Number.NaN),
    };
    return isInScope(key.scope ?? EVERY_LOG, scoped)
      ? key.bytes
      : wrong(`audit key ${id} is out of its scope`);
  };
  const key = find(keyId);
  for (const [i, line] of entries.entries()) {
    const members = readCanonical(readText(line, `entry ${i}`), `entry ${i}`);
    if (!(members instanceof Map) || members.get('this_hash') !== hashOf(key, members))
      wrong(`the hash of entry ${i} is not the audit key's`);
  }
  if (closed === null || closed.seal === null) return 'the chain holds; there is no seal';
  const expected = computeSeal(computeSealKey(find(closed.key_id)), {
    accountId: closed.account_id,
    agentId: closed.agent_id,
    sessionId: closed.session_id,
    startedAt: new Date(closed.started_at),
    endedAt: closed.ended_at === null ? null : new Date(closed.ended_at),
    status: closed.status,
    policySha256Hex: closed.policy_sha256,
    keyId: closed.key_id,
    size: closed.size,
    headHashHex: closed.head_hash,
    rootHex: closed.merkle_root_hex,
  });
  return sealMatches(closed.seal, expected)
    ? 'the chain and the seal hold'
    : wrong("the seal is not the audit key's");
}

/** Null for an entry whose `prev_hash` is not spelled as hashes are: in capitals it would give the same bytes. */
function hashOf(key: Uint8Array, members: JsonObject): string | null {
  const previous = Buffer.from(`${members.get('prev_hash')}`, 'hex');
  if (previous.toString('hex') !== members.get('prev_hash')) return null;
  return createHmac('sha256', key).update(previous).update(unsignedText(members)).digest('hex');
}
