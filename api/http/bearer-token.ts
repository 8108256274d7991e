import type { IncomingMessage } from 'node:http';
import { TOKEN_PREFIX } from '../../shared/accounts/token-text.ts';

const BEARER = /^bearer +(\S+)$/i;
const MEANT_AS_TOKEN = new RegExp(`^bearer\\b|${TOKEN_PREFIX}`, 'i');

/**
 * The bearer token that a request carries. Null where it carries none: no `Authorization`, or one for a proxy in front of
 * this service, such as Basic. An empty text, which is no token, where the header names none that can be read, or stands
 * there twice: what was meant is unclear, and a cookie must not make up for it.
 */
export function readBearerToken({ headersDistinct }: IncomingMessage): string | null {
  // `headers` keeps the first of two.
  const [value, second] = headersDistinct.authorization ?? [];
  if (second !== undefined) return '';
  if (value === undefined || !MEANT_AS_TOKEN.test(value)) return null;
  return BEARER.exec(value)?.[1] ?? '';
}
