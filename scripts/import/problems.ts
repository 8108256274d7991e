/** The problems of a bundle in the order they were found. Each is a place and a sentence, never a value. */
export class Problems {
  readonly lines: string[] = [];

  add(place: string, problem: string): void {
    this.lines.push(`${place}: ${problem}`);
  }
}
