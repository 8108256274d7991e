// The text of a bearer token: `msk_`, 32 random bytes, and a checksum of both by which a scanner of repositories and logs
// tells a leaked token from text that looks like one.
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** How every token begins. */
export const TOKEN_PREFIX = 'msk_';

const RANDOM_BYTES = 32;
/** 32 bytes and 4 bytes in base64url, without padding. */
const PATTERN = /^(msk_[A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

/** A new token: 53 characters, the last six of which are the checksum. */
export function newTokenText(): string {
  const begin = `${TOKEN_PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  return `${begin}${checksum(begin)}`;
}

/** Whether a text has the form of a token and its checksum. It need not be one that was ever issued. */
export function isTokenText(text: string): boolean {
  const [, begin, end] = PATTERN.exec(text) ?? [];
  return begin !== undefined && checksum(begin) === end;
}

/** CRC-32 (that of zip and PNG) of the characters, big-endian, in base64url. */
function checksum(begin: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(begin));
  return bytes.toString('base64url');
}
