/** The text of an entry; null where a row holds something that no entry can state. */
export function unlessMisformed(make: () => string): string | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}
