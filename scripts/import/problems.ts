/** What is wrong with a bundle, in the order found. Each is a place and a sentence, and quotes nothing of a row. */
export class Problems {
  /** What is refused. */
  readonly lines: string[] = [];
  /** What is taken, but should be looked at. */
  readonly warnings: string[] = [];

  add(place: string, problem: string): void {
    this.lines.push(`${place}: ${problem}`);
  }

  warn(place: string, warning: string): void {
    this.warnings.push(`${place}: ${warning}`);
  }
}
