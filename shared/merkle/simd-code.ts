// The few WebAssembly instructions that `sha256-lanes-code.ts` is made of, as the bytes that encode them. A piece of code
// leaves a vector of four 32-bit lanes on the stack where nothing else is said. Imports nothing of ours.

/** Bytes, in lists within lists. */
export type Code = readonly (number | Code)[];

/** A local variable, by number. */
export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];

/** A 32-bit number. */
export const number = (value: number): Code => [0x41, signed(value)];
export const plus = (a: Code, b: Code): Code => [a, b, 0x6a];

/** The 16 bytes at `address` and so many further, wherever that is aligned. */
export const load = (address: Code, offset = 0): Code => [address, simd(0x00), 0, unsigned(offset)];
/** The 4 bytes there in every lane. */
export const loadSpread = (address: Code, offset: number): Code => [address, simd(0x09), 0, unsigned(offset)];
/** The byte there, as a number. */
export const loadByte = (address: Code, offset: number): Code => [address, 0x2d, 0, unsigned(offset)];
/** Leaves nothing on the stack. */
export const store = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  simd(0x0b),
  0,
  unsigned(offset),
];

/** `value` in every lane. */
export const spread = (value: number): Code => {
  const bytes = [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return [simd(0x0c), bytes, bytes, bytes, bytes];
};
export const replaceLane = (vector: Code, lane: number, value: Code): Code => [
  vector,
  value,
  simd(0x1c),
  lane,
];
/** Bytes of `a` (0 to 15) and `b` (16 to 31) in the order given. */
export const shuffle = (a: Code, b: Code, order: readonly number[]): Code => [a, b, simd(0x0d), order];

export const add = (first: Code, ...more: readonly Code[]): Code => fold(0xae, first, more);
export const xor = (first: Code, ...more: readonly Code[]): Code => fold(0x51, first, more);
export const and = (a: Code, b: Code): Code => fold(0x4e, a, [b]);
export const or = (a: Code, b: Code): Code => fold(0x50, a, [b]);
/** Bits of `a` where `mask` has ones, else of `b`. */
export const select = (a: Code, b: Code, mask: Code): Code => [a, b, mask, simd(0x52)];
export const shiftLeft = (vector: Code, by: number): Code => [vector, number(by), simd(0xab)];
export const shiftRight = (vector: Code, by: number): Code => [vector, number(by), simd(0xad)];
export const rotateRight = (vector: Code, by: number): Code =>
  or(shiftRight(vector, by), shiftLeft(vector, 32 - by));

export const call = (index: number): Code => [0x10, unsigned(index)];

/** Runs `body` once, takes `step` from the local `count`, and again for as long as more than nothing is left of it. */
export const repeat = (count: number, step: number, body: Code): Code => [
  [0x03, 0x40, body],
  [get(count), number(step), 0x6b, 0x22, unsigned(count)],
  [number(0), 0x4a, 0x0d, 0, 0x0b],
];

/** Takes numbers and returns nothing; its locals are its parameters, then its vectors. */
export type Func = Readonly<{ name: string; parameters: number; vectors: number; body: Code }>;

/** The module that exports these functions and a `memory` of 64 KiB. */
export function assemble(functions: readonly Func[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, list(Array(parameters).fill(0x7f)), 0]);
  const exports = functions.map(({ name }, index) => [text(name), 0, unsigned(index)]);
  const bodies = functions.map(({ vectors, body }) => sized([1, unsigned(vectors), 0x7b, body, 0x0b]));
  return Uint8Array.from(
    bytesOf([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, sized(list(types))],
      [3, sized(list(functions.map((_, index) => unsigned(index))))],
      [5, sized([1, 0, 1])],
      [7, sized(list([[text('memory'), 2, 0], ...exports]))],
      [10, sized(list(bodies))],
    ]),
  );
}

function simd(opcode: number): Code {
  return [0xfd, unsigned(opcode)];
}

function fold(opcode: number, first: Code, more: readonly Code[]): Code {
  return [first, more.map((each) => [each, simd(opcode)])];
}

function sized(content: Code): Code {
  const bytes = bytesOf(content);
  return [unsigned(bytes.length), bytes];
}

function list(items: Code): Code {
  return [unsigned(items.length), items];
}

function text(name: string): Code {
  return sized([...Buffer.from(name, 'latin1')]);
}

function bytesOf(code: Code): number[] {
  // TypeScript would follow the lists to their end.
  return (code as readonly unknown[]).flat(Number.POSITIVE_INFINITY) as number[];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  return rest === (low & 0x40 ? -1 : 0) ? [low] : [low | 0x80, signed(rest)];
}
