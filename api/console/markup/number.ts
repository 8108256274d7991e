const NUMBER = new Intl.NumberFormat('en');

/** A count with thousands separated: `12,345`. */
export function formatCount(count: number): string {
  return NUMBER.format(count);
}
