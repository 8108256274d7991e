/**
 * What is wrong with a bundle, in the order found. Each is a place and a sentence, which quotes of a row at most ids, and
 * names that are not taken over.
 */
export class Problems {
  /** What is refused. */
  readonly lines: string[] = [];
  /** What is taken, but should be looked at. */
  readonly warnings: string[] = [];

  add(place: string, problem: string): void {
    this.lines.push(`${place}: ${problem}`);
  }

  warn(place: string, warning: string): void {
    this.warnings.push(`${place}: ${warning}`);
  }
}

/** Lines and ids of one fault that are named one by one; the others are counted. */
export const NAMED = 10;

/** The first ids, and how many more there are. */
export function nameSome(ids: ReadonlySet<string>): string {
  const named = ids.values().take(NAMED).toArray().join(', ');
  return ids.size > NAMED ? `${named} and ${ids.size - NAMED} more` : named;
}
