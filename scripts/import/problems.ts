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

  /** Names files that are no part of a bundle, and counts those beyond the first ten. */
  addUnread(folder: string, names: readonly string[], why: string): void {
    for (const name of names.slice(0, NAMED)) this.add(`${folder}${name}`, `is not read: ${why}`);
    const more = names.length - NAMED;
    if (more > 0) this.add(folder || 'the folder', `${more} more files are not read: ${why}`);
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

const LONGEST = 64;

/** A name that a bundle made up, in quotes, as a problem states it. */
export function quoteName(name: string): string {
  const begin = Iterator.from(name)
    .take(LONGEST + 1)
    .toArray();
  return JSON.stringify(begin.length > LONGEST ? `${begin.slice(0, LONGEST).join('')}…` : name);
}
