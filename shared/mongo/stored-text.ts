/**
 * What a row holds where a text should be, as one. Whoever writes to the database can leave an object that JavaScript
 * cannot make a text of, such as `{ toString: 1 }`.
 */
export function storedText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
