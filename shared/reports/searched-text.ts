// A text as the leak scan searches it.
import { findShapes, type LeakShape } from './leak-shapes.ts';
import { foldLines, readings } from './leak-text.ts';

/** The results of a search that do not depend on a session, so that they can be kept. */
export type SearchedText = Readonly<{
  shapes: readonly LeakShape[];
  /** Every way the text can be read, as originals are looked for in it. */
  folded: readonly string[];
}>;

/** Finds the shapes in every reading of a text, and folds the readings for a search for originals. */
export function searchText(text: string): SearchedText {
  const forms = readings(text);
  return { shapes: findShapes(text), folded: forms.map(foldLines) };
}
