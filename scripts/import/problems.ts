/** What was found wrong with a bundle, in the order it was found: a place and a sentence, never a value. */
export class Problems {
  readonly lines: string[] = [];

  add(place: string, problem: string): void {
    this.lines.push(`${place}: ${problem}`);
  }
}
