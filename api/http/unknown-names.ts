// Names in a request that are not taken. A name that resembles no known one may be a caller's data, such as a patient's
// name: it is counted, and not repeated.
import { findNearestName } from '../../shared/errors/nearest-name.ts';

export type UnknownNames = Readonly<{
  /** Says how many there are, the nearest known name and all known ones, if any; repeats none of the unknown ones. */
  text: string;
  /** The first that is a known name misspelt, so that it may be repeated; null where none is. */
  misspelt: string | null;
}>;

/** Requires at least one unknown name. `noun` is what one is called. */
export function describeUnknown(
  unknown: Iterable<string>,
  known: readonly string[],
  noun: string,
): UnknownNames {
  const names = [...new Set(unknown)];
  const count = names.length === 1 ? `a ${noun} that is` : `${names.length} ${noun}s that are`;
  const misspelt = names.find((name) => findNearestName(name, known)?.isSpelling) ?? null;
  const nearest = findNearestName(misspelt ?? names[0] ?? '', known);
  const remedy = nearest ? `the nearest is ${nearest.name}. It takes ${known.join(', ')}` : 'leave it out';
  return { text: `${count} not taken here: ${remedy}`, misspelt };
}
