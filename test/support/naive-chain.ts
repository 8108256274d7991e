// The chain and the seal of the audit format, written down in the most obvious way: the judge of the fast one.
import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

type Members = Record<string, unknown>;

/** `this_hash` of an entry's text. */
export function naiveHash(key: Uint8Array, text: string): string {
  const { prev_hash: prevHash, this_hash: _, ...unsigned } = JSON.parse(text) as Members;
  return createHmac('sha256', key)
    .update(Buffer.from(prevHash as string, 'hex'))
    .update(canonicalize(unsigned) as string, 'utf8')
    .digest('hex');
}

/** The text of an entry with its right hash, whatever else its members say. */
export function naiveSign(key: Uint8Array, members: Members): string {
  const unsigned = canonicalize(members) as string;
  return canonicalize({
    ...(JSON.parse(unsigned) as Members),
    this_hash: naiveHash(key, unsigned),
  }) as string;
}

export function naiveSeal(key: Uint8Array, facts: Members): string {
  const sealKey = createHmac('sha256', key).update('masker-seal/v1').digest();
  return createHmac('sha256', sealKey)
    .update(canonicalize(facts) as string, 'utf8')
    .digest('hex');
}
