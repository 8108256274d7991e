// What is asked of a webhook's URL when it is made. Its host is resolved and judged again for each message.
import { isIP } from 'node:net';
import { isPublicAddress, type Resolve } from './public-address.ts';

/** Most characters of a URL. */
export const URL_LIMIT = 2_000;

/** What is wrong with a webhook's URL, as a sentence with its remedy that repeats nothing of the URL; null for nothing. */
export async function findUrlProblem(
  text: string,
  { allowPrivate, resolve }: Readonly<{ allowPrivate: boolean; resolve: Resolve }>,
): Promise<string | null> {
  if (text.length > URL_LIMIT) return `url: it has more than ${URL_LIMIT} characters: send a shorter one.`;
  const url = URL.parse(text);
  if (!url || !isWebScheme(url, allowPrivate)) return 'url: send an absolute URL that begins with https://.';
  if (url.username !== '' || url.password !== '') {
    return 'url: it holds a user or password: leave them out, since messages are signed with the secret.';
  }
  if (text.includes('#')) return 'url: it has a fragment, which no server sees: leave it out.';
  if (allowPrivate) return null;
  const found = await addressesOf(url, resolve);
  return found.length > 0 && found.every(isPublicAddress) ? null : NOT_PUBLIC;
}

/** One sentence for hosts that do not exist and for private ones: it tells nobody the names of the operator's network. */
const NOT_PUBLIC =
  'url: its host has no public address: use one that the internet reaches (or ask the operator for WEBHOOK_ALLOW_PRIVATE=1).';

function isWebScheme({ protocol }: URL, allowPrivate: boolean): boolean {
  return protocol === 'https:' || (allowPrivate && protocol === 'http:');
}

/** The host of a URL as a resolver takes it: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

async function addressesOf(url: URL, resolve: Resolve): Promise<string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  try {
    return (await resolve(host)).map(({ address }) => address);
  } catch {
    return [];
  }
}
