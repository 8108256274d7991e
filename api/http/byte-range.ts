/** `[begin, end)`. */
export type ByteRange = Readonly<{ begin: number; end: number }>;

/**
 * The part of `size` bytes that a `Range` header asks for (RFC 9110 §14). Null for all of them: there is no header, its
 * unit or form is unknown, or it asks for several parts, which a server may ignore. `unsatisfiable` where it begins
 * behind the last byte.
 */
export function parseByteRange(header: string, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { begin: size - length, end: size };
  }
  const begin = Number(first);
  if (last !== '' && Number(last) < begin) return null;
  if (begin >= size) return 'unsatisfiable';
  return { begin, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
