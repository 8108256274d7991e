// Which addresses a webhook may lead to. What stands in the operator's own network must not be reached through us.
import { lookup, Resolver } from 'node:dns/promises';
import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address of a host, as the system's resolver gives it. */
export type Address = Readonly<{ address: string; family: number }>;

/** All addresses of a host. Rejects with the resolver's error where there are none. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/**
 * The resolver of webhooks' hosts. Names of the public internet are asked of DNS alone: no hosts file, no search list, and
 * none of the few threads that a slow name server would hold for all. Private names are asked of the system.
 */
export function resolverFor(allowPrivate: boolean): Resolve {
  if (allowPrivate) return (host) => lookup(host, { all: true });
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return async (host) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [
      ...listFound(four).map((address) => ({ address, family: 4 })),
      ...listFound(six).map((address) => ({ address, family: 6 })),
    ];
    if (found.length === 0) throw (four as PromiseRejectedResult).reason;
    return found;
  };
}

function listFound(settled: PromiseSettledResult<string[]>): string[] {
  return settled.status === 'fulfilled' ? settled.value : [];
}

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
