// Texts that have one spelling only. Whoever could write a number or a hash in two ways could make two notes of one.

/** The bytes of base64 (RFC 4648 section 4, with padding); null for every text that their encoding would not give. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}

/** Base64 (RFC 4648 section 4, with padding) of bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** A number from 0 to 2^53 - 1 in ASCII digits without leading zeros; null for any other text. */
export function readDecimal(text: string): number | null {
  const number = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
