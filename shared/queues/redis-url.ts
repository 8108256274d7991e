/**
 * Whether a text is a URL that `openRedis` can use: redis:// or rediss://, a host, at most a database's number. Refuses
 * options after a `?`: ioredis would let them override the options that a connection depends on.
 */
export function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^/?#]/.test(text)) return false;
  try {
    const { hostname, pathname, search, hash, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return hostname !== '' && /^\/?\d{0,5}$/.test(pathname) && search === '' && hash === '';
  } catch {
    return false;
  }
}
