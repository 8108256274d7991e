// What a person is told of text that is not UTF-8.

const OTHER = 'is UTF-16 or UTF-32: write it as UTF-8';

/** The problem of a file by its first bytes, or null: a byte order mark of another encoding, or every second byte zero. */
export function describeEncoding(begin: Uint8Array): string | null {
  const [first, second] = begin;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || first === 0 || second === 0 ? OTHER : null;
}

/** The problem of one line: JSON has no zero byte, and every second one is zero where a program added UTF-16 to UTF-8. */
export function describeLineEncoding(line: Uint8Array): string | null {
  return line.includes(0) ? OTHER : null;
}
