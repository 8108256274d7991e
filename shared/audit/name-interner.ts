// Makes a string once for each name that repeats from entry to entry. Decoding a name costs ten times as much as
// finding it again, and a Map finds the same string object without hashing it. The number of slots bounds the memory.

const SLOTS = 256;

/** Keeps the names seen last, one in each of 256 slots. */
export class NameInterner {
  /** In each slot, the last name that fell into it. */
  readonly #slots: (string | undefined)[] = new Array(SLOTS).fill(undefined);

  /** `bytes[begin, end)` as a string. Requires ASCII. */
  intern(bytes: Buffer, begin: number, end: number): string {
    const slot = (31 * (end - begin) + 7 * (bytes[begin] as number) + (bytes[end - 1] as number)) % SLOTS;
    const known = this.#slots[slot];
    if (known !== undefined && spells(known, bytes, begin, end)) return known;
    const text = bytes.toString('latin1', begin, end);
    this.#slots[slot] = text;
    return text;
  }
}

function spells(name: string, bytes: Uint8Array, begin: number, end: number): boolean {
  if (name.length !== end - begin) return false;
  for (let i = 0; i < name.length; i += 1) if (name.charCodeAt(i) !== bytes[begin + i]) return false;
  return true;
}
