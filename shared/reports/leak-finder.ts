// Looks into one text of the callers' side.
import type { StopCheck } from './align-work.ts';
import type { OriginalSearch } from './leak-originals.ts';
import { type LeakShape, matchShapes } from './leak-shapes.ts';
import { searchForms } from './leak-text.ts';
import { type Words, wordsOf } from './leak-words.ts';
import type { OwnWords } from './own-words.ts';

/** What a text holds that must not leave. */
export type Leak = LeakShape | 'original text of the session';

/** Finds what may be PHI in texts, and keeps the results: a report has a thousand kinds that are the same few. */
export class LeakFinder {
  readonly #originals: OriginalSearch;
  readonly #own: OwnWords;
  readonly #isStopped: StopCheck;
  readonly #known = new Map<string, readonly Leak[]>();

  /** `own` has the words that are no caller's, wherever they stand. */
  constructor(originals: OriginalSearch, own: OwnWords, isStopped: StopCheck = () => false) {
    this.#originals = originals;
    this.#own = own;
    this.#isStopped = isStopped;
  }

  /** Each once; empty for a text that may leave. Throws when the stop flag is set. */
  find(text: string): readonly Leak[] {
    let leaks = this.#known.get(text);
    if (!leaks) {
      if (this.#isStopped()) throw new Error('The leak scan was stopped');
      const forms = searchForms(text);
      leaks = [...new Set(forms.flatMap((form) => [...this.#shapesIn(form)]))];
      if (forms.some((form) => this.#holdsOriginal(wordsOf(form)))) {
        leaks = [...leaks, 'original text of the session'];
      }
      this.#known.set(text, leaks);
    }
    return leaks;
  }

  *#shapesIn(form: string): Generator<LeakShape> {
    for (const { shape, begin, end } of matchShapes(form)) {
      if (!this.#own.holdsShape(shape, form.slice(begin, end))) yield shape;
    }
  }

  #holdsOriginal(words: Words): boolean {
    for (const { begin, end } of this.#originals.find(words)) {
      if (!this.#own.surrounds(words, begin, end)) return true;
    }
    return false;
  }
}
