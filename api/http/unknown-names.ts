// Names in a request that are not taken. Any of them may be a caller's data, such as a patient's name, which may resemble a
// known one: they are counted, and not repeated.
import { findNearestName } from '../../shared/errors/nearest-name.ts';

export type UnknownNames = Readonly<{
  /** Says how many there are, the nearest known name and all known ones, if any; repeats none of the unknown ones. */
  text: string;
  /** The known name that the first misspelt one most likely meant; null where none is a misspelling. */
  meant: string | null;
}>;

/** Requires at least one unknown name. `noun` is what one is called. */
export function describeUnknown(
  unknown: Iterable<string>,
  known: readonly string[],
  noun: string,
): UnknownNames {
  const names = [...new Set(unknown)];
  const count = names.length === 1 ? `a ${noun} that is` : `${names.length} ${noun}s that are`;
  const nearest = names.flatMap((name) => findNearestName(name, known) ?? []);
  const meant = nearest.find(({ isSpelling }) => isSpelling)?.name ?? null;
  const near = meant ?? nearest[0]?.name;
  const remedy = near ? `the nearest is ${near}. It takes ${known.join(', ')}` : 'leave it out';
  return { text: `${count} not taken here: ${remedy}`, meant };
}
