/** The name in a row, or the row's id where it is none: whoever writes to the database can leave anything there. */
export function storedName(stored: unknown, id: string): string {
  return typeof stored === 'string' && stored !== '' ? stored : id;
}
