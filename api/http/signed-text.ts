// Values that a caller keeps for the service: `payload.mac`, the payload being JSON in base64url. Callers can read one but
// not make or change one.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

export type SignedTextCodec = Readonly<{
  /** The text that holds a value. */
  sign(value: object): string;
  /** The value, or null when the text is not exactly one that `sign` made under this key. */
  verify(text: string): unknown;
}>;

/** Refuses a text of more than `longestBytes` unread. */
export function createSignedTextCodec(keyBytes: Uint8Array, longestBytes: number): SignedTextCodec {
  const key = createSecretKey(keyBytes);

  function attachMac(payload: string): string {
    return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
  }

  return {
    sign(value) {
      return attachMac(Buffer.from(JSON.stringify(value)).toString('base64url'));
    },

    verify(text) {
      const given = Buffer.from(text);
      if (given.length > longestBytes) return null;
      const [payload = ''] = text.split('.', 1);
      // Compares whole texts, not decoded bytes: base64url has several spellings of the same bytes.
      const expected = Buffer.from(attachMac(payload));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return JSON.parse(Buffer.from(payload, 'base64url').toString());
    },
  };
}
