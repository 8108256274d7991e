import { hkdfSync } from 'node:crypto';
import { createSignedTextCodec, type SignedTextCodec } from './signed-text.ts';

/** Browsers take a cookie of 4,096 bytes, name and attributes included. */
const LONGEST_BYTES = 3_500;

/** What a browser carries to an identity provider and back, under a key of its own: no cursor can pass for it. */
export function createSignInFlowCodec(cursorKey: Uint8Array): SignedTextCodec {
  const key = hkdfSync('sha256', cursorKey, '', 'masker-evidence sign-in flow', 32);
  return createSignedTextCodec(new Uint8Array(key), LONGEST_BYTES);
}
