// A text as the leak scan looks at it.
import { findShapes, type LeakShape } from './leak-shapes.ts';
import { foldLines, readings } from './leak-text.ts';

export type SearchedText = Readonly<{
  shapes: readonly LeakShape[];
  /** Every way the text can be read, as originals are looked for in it. */
  folded: readonly string[];
}>;

export function searchText(text: string): SearchedText {
  const forms = readings(text);
  return { shapes: [...new Set(forms.flatMap(findShapes))], folded: forms.map(foldLines) };
}
