import { createSignedTextCodec, type SignedTextCodec } from './signed-text.ts';

/** Longer cursors are never made, so they are refused unread. */
const MAX_CURSOR_BYTES = 1024;

/** Page cursors. */
export type CursorCodec = SignedTextCodec;

export function createCursorCodec(keyBytes: Uint8Array): CursorCodec {
  return createSignedTextCodec(keyBytes, MAX_CURSOR_BYTES);
}
