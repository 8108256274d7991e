// Finds the known name that somebody most likely meant.

/** A known name, and whether it is near enough for what was written to be a misspelling of it. */
export type NearestName = Readonly<{ name: string; isSpelling: boolean }>;

/** Most letters that are compared: more than any known name has, with all the edits that it may be away. */
const COMPARED = 40;

/** The nearest of the known names; null where none is known. Case and separators do not count. */
export function findNearestName(written: string, known: readonly string[]): NearestName | null {
  const folded = fold(written.slice(0, COMPARED));
  const [best] = known
    .map((name) => {
      const distance = distanceTo(folded, fold(name));
      return { name, distance, isSpelling: distance <= fold(name).length / 3 };
    })
    .sort((a, b) => Number(b.isSpelling) - Number(a.isSpelling) || a.distance - b.distance);
  return best ? { name: best.name, isSpelling: best.isSpelling } : null;
}

/** Without case and separators: `confidenceThreshold` and `confidence-threshold` are spellings of one name. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[_.-]/g, '');
}

/** Letters to insert, remove or replace (Levenshtein); 1 where one name begins or ends with the other. */
function distanceTo(written: string, name: string): number {
  const isPart = written.length >= 4 && (name.startsWith(written) || name.endsWith(written));
  if (isPart) return 1;
  let row = Array.from({ length: name.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...written].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= name.length; column += 1) {
      const replaced = (row[column - 1] as number) + (letter === name[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[name.length] as number;
}
