// The setting `AUDIT_KEYS`: keys with their scopes, and the keys that no deployment may use.
import { hash } from 'node:crypto';
import { type AuditKeyBytes, EVERY_LOG, type KeyScope } from '../audit/audit-keys.ts';
import { isId } from '../audit/ids.ts';
import { parseExactTime, TIME_FAULTS, type TimeFault } from '../time/parse-time.ts';

/** The keys in their order, or a sentence that says what is not right. It names no value. */
export type ParsedAuditKeys =
  | Readonly<{ ok: true; keys: readonly AuditKeyBytes[] }>
  | Readonly<{ ok: false; problem: string }>;

const FORM =
  'AUDIT_KEYS must be id:hex,id:hex with keys of 64 or more hex digits (make one: openssl rand -hex 32)';
const SCOPE_FORM =
  'AUDIT_KEYS has a scope that cannot be read: after a key come ;account=acc_…, ;not_before=TIME and ;not_after=TIME, TIME such as 2026-05-03T00:00:00Z, the times at most once each and in their order';

/**
 * Parses keys separated by commas or line ends, each `id:hex`, then its scope: `;account=acc_…` (may repeat),
 * `;not_before=` and `;not_after=` (ISO 8601 times). Ids are unique in a deployment, so one id with two values or two
 * scopes is refused. So is one value under two ids with different scopes: the wider scope would undo the narrower.
 */
export function parseAuditKeys(text: string): ParsedAuditKeys {
  const keys: AuditKeyBytes[] = [];
  for (const item of text.split(/[,\n]/).map((part) => part.trim())) {
    if (item === '') continue;
    const [keyText = '', ...limits] = item.split(';').map((part) => part.trim());
    const match = /^([A-Za-z0-9_.-]{1,64}):((?:[0-9a-fA-F]{2}){32,})$/.exec(keyText);
    if (!match) return { ok: false, problem: FORM };
    const [, id, hex] = match as unknown as [string, string, string];
    const scope = parseScope(limits);
    if (typeof scope === 'string') return { ok: false, problem: scope };
    const key = { id, bytes: new Uint8Array(Buffer.from(hex, 'hex')), scope };
    const clash = findClash(keys, key);
    if (clash) return { ok: false, problem: `AUDIT_KEYS gives ${clash}` };
    if (!keys.some((earlier) => earlier.id === id)) keys.push(key);
  }
  return { ok: true, keys };
}

/** What is contradictory between a key and those before it, in words; null for nothing. */
export function findClash(
  earlier: readonly AuditKeyBytes[],
  { id, bytes, scope = EVERY_LOG }: AuditKeyBytes,
): string | null {
  for (const other of earlier) {
    const sameValue = Buffer.compare(hmacKey(other.bytes), hmacKey(bytes)) === 0;
    const sameScope = JSON.stringify(other.scope ?? EVERY_LOG) === JSON.stringify(scope);
    if (other.id === id && !sameValue) return 'one key id two values: every key needs an id of its own';
    if (other.id === id && !sameScope) return 'one key id two scopes: keep one';
    if (sameValue && !sameScope)
      return 'one key value two scopes, under two ids: the wider would undo the narrower';
  }
  return null;
}

/** The scope, or a sentence that says what is not right. */
function parseScope(limits: readonly string[]): KeyScope | string {
  const accountIds = new Set<string>();
  const times = new Map<string, Date>();
  for (const limit of limits) {
    const at = limit.indexOf('=');
    const [name, value] = [limit.slice(0, at), limit.slice(at + 1)];
    if (name === 'account' && isId('account', value)) accountIds.add(value);
    else if ((name === 'not_before' || name === 'not_after') && !times.has(name)) {
      // Exact, since a bound that is rounded up would let in a session that starts after it.
      const parsed = parseExactTime(value);
      if (!parsed.ok) return parsed.fault === 'form' ? SCOPE_FORM : impossibleBound(name, parsed.fault);
      times.set(name, parsed.time);
    } else return SCOPE_FORM;
  }
  const notBefore = times.get('not_before') ?? null;
  const notAfter = times.get('not_after') ?? null;
  if (notBefore && notAfter && notBefore > notAfter) return SCOPE_FORM;
  return Object.freeze({ accountIds: [...accountIds].sort(), notBefore, notAfter });
}

function impossibleBound(name: string, fault: TimeFault): string {
  return `AUDIT_KEYS has a scope that cannot be read: a ${name} that ${TIME_FAULTS[fault]}`;
}

/**
 * SHA-256 of keys that everyone can read in this project: those of the test data's exports. Whoever has one could sign
 * logs that a deployment with it would verify.
 */
const PUBLISHED_KEYS = new Set([
  'c8498811f38ac7f864699968dedeb0ec95812c74d9bb7442140fd6dbe9f37782',
  '3f1056d52850463b5cca99c169a317da0bb33897b730cd1463aa30d60c85b89f',
]);

/** A sentence for each key that production must not use: all zeros, or published. */
export function unfitForProduction(keys: readonly AuditKeyBytes[]): string[] {
  return keys.flatMap(({ id, bytes }) => {
    if (bytes.every((byte) => byte === 0)) {
      return [`AUDIT_KEYS: key ${id} is all zeros, and no secret (make one: openssl rand -hex 32)`];
    }
    return PUBLISHED_KEYS.has(hash('sha256', hmacKey(bytes)))
      ? [
          `AUDIT_KEYS: key ${id} is published with the project's test data: use one of your own in production (make one: openssl rand -hex 32)`,
        ]
      : [];
  });
}

/**
 * The key as HMAC takes it (RFC 2104 section 2): one longer than a block of 64 bytes is hashed first, and zeros at its
 * end change nothing. Keys of different bytes may so be one.
 */
function hmacKey(bytes: Uint8Array): Uint8Array {
  const key = bytes.length > 64 ? hash('sha256', bytes, 'buffer') : bytes;
  let end = key.length;
  while (end > 0 && key[end - 1] === 0) end -= 1;
  return key.subarray(0, end);
}
