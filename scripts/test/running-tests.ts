// Follows which tests run, so that a process that breaks off, or never ends, is told by its files and its last test.
import type { Bundle } from './bundles.ts';

/** A test as the runner's events name it. A file is a test too, with its path as its name. */
type Named = Readonly<{ name: string; file?: string; line?: number; column?: number }>;

export class RunningTests {
  readonly #members: ReadonlyMap<string, readonly string[]>;
  readonly #begun = new Set<string>();
  readonly #broken = new Set<string>();
  readonly #tests = new Map<string, Named>();

  constructor(bundles: readonly Bundle[]) {
    this.#members = new Map(bundles.map(({ path, members }) => [path, members]));
  }

  begin(test: Named): void {
    if (isFile(test)) {
      this.#begun.add(test.name);
      this.#broken.add(test.name);
    } else this.#tests.set(keyOf(test), test);
  }

  end(test: Named): void {
    this.#tests.delete(keyOf(test));
  }

  /** Takes a file whose tests have all ended. */
  endFile(file: string): void {
    this.#broken.delete(file);
  }

  /** A file fails by itself where its process ends with an error, and where the run stops before the file begins. */
  fail(test: Named): void {
    if (isFile(test) && this.#begun.has(test.name)) this.#broken.add(test.name);
  }

  /** Lines on the processes that did not end well; none where each did. */
  describe(): string[] {
    return [...this.#broken].flatMap((path) => {
      const files = this.#members.get(path) ?? [path];
      const running = [...this.#tests.values()].filter(({ file }) =>
        files.some((each) => file?.endsWith(each)),
      );
      return [
        `The process of these files did not end well: ${files.join(', ')}`,
        ...running.map(({ name, file, line }) => `  It was running "${name}" of ${file}:${line}`),
      ];
    });
  }
}

function isFile({ name, file }: Named): boolean {
  return name === file;
}

function keyOf({ name, file, line, column }: Named): string {
  return JSON.stringify([file, line, column, name]);
}
