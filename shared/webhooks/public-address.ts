// Which addresses a webhook may lead to. What stands in the operator's own network must not be reached through us.
import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address of a host, as the system's resolver gives it. */
export type Address = Readonly<{ address: string; family: number }>;

/** All addresses of a host. Rejects with the resolver's error where there are none. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The system's resolver. */
export const resolveHost: Resolve = (host) => lookup(host, { all: true });

/** Global unicast IPv6 (RFC 4291 §2.4). Outside of it are all forms that carry an IPv4 address to a translator. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address belongs to the public internet: not loopback, private (RFC 1918, RFC 4193), link-local, shared (RFC
 * 6598), multicast, a translated IPv4 address (mapped, NAT64, 6to4, Teredo), or kept for another use by IANA's registries.
 * A text that is no address is not public.
 */
export function isPublicAddress(text: string): boolean {
  // Its parser takes octal and short forms: such a text is an address of some kind, and judged as what it stands for.
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || GLOBAL.check(address.toString(), 'ipv6');
}
