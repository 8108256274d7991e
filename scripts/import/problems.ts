/**
 * What is wrong with a bundle, in the order found. Each is a place and a sentence, which quotes of a row at most ids, and
 * names that are not taken over. The first are kept and all are counted, so that a bundle of bad lines takes no memory.
 */
export class Problems {
  /** What is refused: the first `KEPT_PROBLEMS`. */
  readonly lines: string[] = [];
  /** What is taken, but should be looked at: the first `KEPT_PROBLEMS`. */
  readonly warnings: string[] = [];
  #count = 0;
  #warningCount = 0;

  /** Of what is refused, kept or not. */
  get count(): number {
    return this.#count;
  }

  /** Of what should be looked at, kept or not. */
  get warningCount(): number {
    return this.#warningCount;
  }

  add(place: string, problem: string): void {
    this.#count += 1;
    if (this.lines.length < KEPT_PROBLEMS) this.lines.push(`${place}: ${problem}`);
  }

  /** Names files that are no part of a bundle, and counts those beyond the first ten. */
  addUnread(folder: string, names: readonly string[], why: string): void {
    for (const name of names.slice(0, NAMED)) this.add(`${folder}${name}`, `is not read: ${why}`);
    const more = names.length - NAMED;
    if (more > 0) this.add(folder || 'the folder', `${more} more files are not read: ${why}`);
  }

  warn(place: string, warning: string): void {
    this.#warningCount += 1;
    if (this.warnings.length < KEPT_PROBLEMS) this.warnings.push(`${place}: ${warning}`);
  }
}

/** Problems, and warnings, that are kept word by word. */
export const KEPT_PROBLEMS = 1_000;

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
