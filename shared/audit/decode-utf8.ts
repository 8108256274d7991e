const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text that bytes encode in UTF-8 (RFC 3629), or null if they are invalid. Empty bytes are the empty text. A byte
 * order mark is kept as U+FEFF, so that the text has the same bytes again.
 */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    // A TypeError is how the decoder reports invalid UTF-8.
    if (error instanceof TypeError) return null;
    throw error;
  }
}
