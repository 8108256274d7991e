// Finds many patterns in a text at once (Aho and Corasick): the steps grow with the lengths of the patterns and of the
// text, not with their product.

const ROOT = 0;
const NOTHING = -1;

/** A search for texts; each is given an index in the order of the list. Empty texts are nowhere. */
export class PatternSearch {
  readonly #patterns: readonly string[];
  /** A node and a UTF-16 code unit in one number, to the node that they lead to. */
  readonly #next = new Map<number, number>();
  /** By node: the node of its longest proper suffix, the pattern that ends there, and the next suffix with one. */
  readonly #suffix: Int32Array;
  readonly #pattern: Int32Array;
  readonly #shorter: Int32Array;

  /** Requires patterns without repeats. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    const nodes: { parent: number; code: number; depth: number }[] = [{ parent: ROOT, code: 0, depth: 0 }];
    const ends = patterns.map((pattern) => {
      let node = ROOT;
      for (let index = 0; index < pattern.length; index += 1) {
        const code = pattern.charCodeAt(index);
        let next = this.#next.get(keyOf(node, code));
        if (next === undefined) {
          next = nodes.push({ parent: node, code, depth: index + 1 }) - 1;
          this.#next.set(keyOf(node, code), next);
        }
        node = next;
      }
      return node;
    });
    this.#suffix = new Int32Array(nodes.length);
    this.#pattern = new Int32Array(nodes.length).fill(NOTHING);
    this.#shorter = new Int32Array(nodes.length);
    for (const [index, node] of ends.entries()) if (node !== ROOT) this.#pattern[node] = index;
    // A suffix is shorter than its node, so shorter nodes go first.
    const order = nodes.map((_, node) => node).sort((a, b) => nodes[a]!.depth - nodes[b]!.depth);
    for (const node of order.slice(1)) {
      const { parent, code } = nodes[node]!;
      const suffix = parent === ROOT ? ROOT : this.#step(this.#suffix[parent]!, code);
      this.#suffix[node] = suffix;
      this.#shorter[node] = this.#pattern[suffix] === NOTHING ? this.#shorter[suffix]! : suffix;
    }
  }

  /** Every place at which a pattern stands, overlapping ones too. */
  *find(text: string): Generator<Readonly<{ pattern: number; begin: number; end: number }>> {
    if (this.#patterns.length === 0) return;
    let node = ROOT;
    for (let at = 0; at < text.length; at += 1) {
      node = this.#step(node, text.charCodeAt(at));
      let ending = this.#pattern[node] === NOTHING ? this.#shorter[node]! : node;
      while (ending !== ROOT) {
        const pattern = this.#pattern[ending]!;
        yield { pattern, begin: at + 1 - this.#patterns[pattern]!.length, end: at + 1 };
        ending = this.#shorter[ending]!;
      }
    }
  }

  #step(from: number, code: number): number {
    let node = from;
    let next = this.#next.get(keyOf(node, code));
    while (next === undefined && node !== ROOT) {
      node = this.#suffix[node]!;
      next = this.#next.get(keyOf(node, code));
    }
    return next ?? ROOT;
  }
}

function keyOf(node: number, code: number): number {
  return node * 0x10000 + code;
}
