// Texts in memory that threads share: a text that goes from one to another is not copied on the way.

/** A text as UTF-8. */
export function shareText(text: string): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(Buffer.byteLength(text)));
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
}
