// Traces that editors and transfers leave in a bundle's lines. They are no part of a line, so that nothing is refused for
// them, and are warned of by their own names.
import type { Problems } from './problems.ts';

/** A line without anything in it; a line that ends in CR, and so in CRLF; a byte order mark before a line. */
export type LineForm = 'blank' | 'crlf' | 'mark';

const WORDS: Readonly<Record<LineForm, string>> = {
  blank: 'blank lines, which are passed over',
  crlf: 'lines that end in CRLF, whose CR is taken off',
  mark: 'lines that begin with a byte order mark, which is taken off',
};

export class LineForms {
  readonly #found = new Map<LineForm, { count: number; first: number }>();

  /** `number`: of the line, from 1 on. */
  note(form: LineForm, number: number): void {
    const found = this.#found.get(form);
    if (found) found.count += 1;
    else this.#found.set(form, { count: 1, first: number });
  }

  warn(file: string, problems: Problems): void {
    for (const [form, { count, first }] of this.#found) {
      problems.warn(file, `has ${count} ${WORDS[form]}; the first is line ${first}`);
    }
  }
}
