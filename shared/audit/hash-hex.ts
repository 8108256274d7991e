/** Whether a value is a SHA-256 as it is stored and written: 64 hex digits in small letters. */
export function isHashHex(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
