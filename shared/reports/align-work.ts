/** Steps that all texts of a payload may take together, beside those that a text's length allows it. */
const SPARE_STEPS = 2 ** 20;
/** Steps for each UTF-16 code unit of two texts. Placing literals from both sides takes fewer than a dozen. */
const STEPS_A_UNIT = 16;
/** Steps between two looks at the stop flag: about a millisecond. */
const STEPS_BETWEEN_LOOKS = 2 ** 18;

/** Whether nobody waits for the result any more. */
export type StopCheck = () => boolean;

/**
 * The work of laying one payload over another, counted in steps: about one comparison or copied code unit each. The
 * steps allowed grow with the payload's length alone, so no payload takes longer than its length explains.
 */
export class AlignWork {
  /** Texts and tables of keys that were not laid over to the end: that would have taken too many steps. */
  overBound = 0;
  #steps = 0;
  #left = SPARE_STEPS;
  #nextLook = STEPS_BETWEEN_LOOKS;
  readonly #isStopped: StopCheck;

  constructor(isStopped: StopCheck = () => false) {
    this.#isStopped = isStopped;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Adds the steps that texts of so many code units may take. */
  allowFor(units: number): void {
    this.#left += units * STEPS_A_UNIT;
  }

  /** Counts steps; false when none are left. Throws when the stop flag is set. */
  spend(steps: number): boolean {
    this.#steps += steps;
    this.#left = Math.max(0, this.#left - steps);
    if (this.#steps >= this.#nextLook) {
      this.#nextLook = this.#steps + STEPS_BETWEEN_LOOKS;
      if (this.#isStopped()) throw new Error('The alignment of payloads was stopped');
    }
    return this.#left > 0;
  }
}
