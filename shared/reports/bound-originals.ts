// Keeps the search for originals within what a payload of an ordinary call needs: a character may become eighteen.

/** UTF-16 code units of all originals together, in normal form. */
const UNITS_MAX = 2 ** 17;

/** The first originals that stay within the bound, and how many are left out: no text may be shown where one is. */
export function boundOriginals(originals: readonly string[]): { kept: string[]; leftOut: number } {
  const kept: string[] = [];
  let units = 0;
  // Short ones first: those are the ones that a kind or a pass could hold.
  for (const original of originals.toSorted((a, b) => a.length - b.length)) {
    if (units + original.length > UNITS_MAX) break;
    units += original.normalize('NFKC').length;
    if (units > UNITS_MAX) break;
    kept.push(original);
  }
  return { kept, leftOut: originals.length - kept.length };
}
