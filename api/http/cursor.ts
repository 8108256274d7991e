// Page cursors: `payload.mac`, the payload being JSON in base64url. Callers can read one but not make or change one.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Longer ones are never made, so they are not looked at. */
const MAX_CURSOR_BYTES = 1024;

export type CursorCodec = Readonly<{
  seal(value: object): string;
  /** The value, or null when the text is not exactly one that `seal` made under this key. */
  open(text: string): unknown;
}>;

export function createCursorCodec(keyBytes: Uint8Array): CursorCodec {
  const key = createSecretKey(keyBytes);

  function sign(payload: string): string {
    return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
  }

  return {
    seal(value) {
      return sign(Buffer.from(JSON.stringify(value)).toString('base64url'));
    },

    open(text) {
      const given = Buffer.from(text);
      if (given.length > MAX_CURSOR_BYTES) return null;
      const [payload = ''] = text.split('.', 1);
      // Whole texts are compared: base64 has several spellings of the same bytes, and only ours is good.
      const expected = Buffer.from(sign(payload));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return JSON.parse(Buffer.from(payload, 'base64url').toString());
    },
  };
}
