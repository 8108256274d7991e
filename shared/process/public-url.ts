/** The base address for people: an API that listens on every address is reached at the local one. */
export function reachableUrl(url: string): string {
  return url.replace(/^http:\/\/(0\.0\.0\.0|\[::\])/, 'http://127.0.0.1');
}

/**
 * Where browsers reach the console, without a slash at the end: `PUBLIC_URL`, else `listening`, the address at which an
 * API says that it listens, else `HOST` and `PORT`.
 */
export function publicUrl(
  { publicUrl: stated, host, port }: Readonly<{ publicUrl: string | undefined; host: string; port: number }>,
  listening?: string,
): string {
  const hostname = host.includes(':') ? `[${host}]` : host;
  return stated ?? reachableUrl(listening ?? `http://${hostname}:${port}`);
}

/** The origin that a text names by itself (`https://evidence.example`); null for any other text. */
export function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, href, protocol } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && href === `${origin}/` ? origin : null;
}
