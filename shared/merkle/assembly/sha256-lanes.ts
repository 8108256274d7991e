// AssemblyScript: SHA-256 (FIPS 180-4) of messages of two blocks, four at once. Addresses are of the module's memory; a
// count is a multiple of four. `npm run build:wasm` compiles this into ../sha256-lanes.wasm.
import { compress, loadWord } from './compress.ts';
import { MIDSTATE_AT, STATE_AT, VECTOR, WORDS_AT } from './layout.ts';

const DIGEST = 32;
const BLOCK = 64;

/** The initial hash value of FIPS 180-4 section 5.3.3. */
const H0 = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Writes the hash value after the 64-byte block at `block` to `MIDSTATE_AT`. */
export function makeMidstate(block: usize): void {
  setInitialState();
  for (let t = 0; t < 16; t += 1) storeWord(t, swapBytes(v128.load32_splat(block + 4 * t)));
  compress();
  copyState(STATE_AT, MIDSTATE_AT);
}

/**
 * Hashes `count` messages of 96 bytes. Each is the block given to `makeMidstate`, then one of the `count` hashes that
 * stand end to end at `input`. Writes the digests end to end at `output`.
 */
export function hashEnds(input: usize, output: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    copyState(MIDSTATE_AT, STATE_AT);
    loadWords(0, input, DIGEST);
    loadWords(4, input + VECTOR, DIGEST);
    setPadding(8, i32x4.splat(0x80000000), BLOCK + DIGEST);
    compress();
    storeDigests(output);
    input += 4 * DIGEST;
    output += 4 * DIGEST;
  }
}

/**
 * Writes the node hashes (RFC 6962 section 2.1: `SHA-256(0x01 || left || right)`) of `count` pairs of hashes. The pairs
 * stand end to end at `input`, the node hashes at `output`, which may equal `input`. Reads the byte before `input`.
 */
export function hashPairs(input: usize, output: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    setInitialState();
    // Loads each pair with the byte before it, then replaces that byte by the prefix.
    for (let t = 0; t < 16; t += 4) loadWords(t, input - 1 + 4 * t, BLOCK);
    const first = v128.and(loadWord(0), i32x4.splat(0x00ffffff));
    storeWord(0, v128.or(first, i32x4.splat(0x01000000)));
    compress();

    // The second block holds the last byte of each pair, which is the lowest byte of the fourth word loaded here.
    loadWords(0, input + BLOCK - VECTOR, BLOCK);
    const last = i32x4.shl(loadWord(3), 24);
    setPadding(0, v128.or(last, i32x4.splat(0x00800000)), 1 + BLOCK);
    compress();

    storeDigests(output);
    input += 4 * BLOCK;
    output += 4 * DIGEST;
  }
}

function setInitialState(): void {
  for (let i = 0; i < 8; i += 1) v128.store(STATE_AT + VECTOR * i, v128.load32_splat(H0 + 4 * i));
}

function copyState(from: usize, to: usize): void {
  for (let at = 0; at < 8 * VECTOR; at += VECTOR) v128.store(to + at, v128.load(from + at));
}

/** Sets word `t` of the block. */
function storeWord(t: i32, value: v128): void {
  v128.store(WORDS_AT + VECTOR * t, value);
}

/**
 * Fills the block from word `t` on as FIPS 180-4 section 5.1.1 ends a message of `bytes` bytes: `first`, which has the
 * message's last bytes and the 1 bit after them, zeros, the length in bits.
 */
function setPadding(t: i32, first: v128, bytes: i32): void {
  storeWord(t, first);
  for (let zero = t + 1; zero < 15; zero += 1) storeWord(zero, i32x4.splat(0));
  storeWord(15, i32x4.splat(8 * bytes));
}

/** Loads words `t` to `t + 3` of the block: 16 bytes of each of four messages, which are `stride` bytes apart. */
function loadWords(t: i32, address: usize, stride: usize): void {
  transpose(address, stride, WORDS_AT + VECTOR * t, VECTOR);
}

/** Writes the hash value as four digests, end to end. */
function storeDigests(output: usize): void {
  transpose(STATE_AT, VECTOR, output, DIGEST);
  transpose(STATE_AT + 4 * VECTOR, VECTOR, output + VECTOR, DIGEST);
}

/**
 * Turns four rows of four words, which are `fromStride` bytes apart, into columns, `toStride` bytes apart. Swaps the
 * bytes of each word: SHA-256 has the highest byte first, WebAssembly the lowest.
 */
function transpose(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = swapBytes(v128.load(from));
  const b = swapBytes(v128.load(from + fromStride));
  const c = swapBytes(v128.load(from + 2 * fromStride));
  const d = swapBytes(v128.load(from + 3 * fromStride));
  const lowAb = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const lowCd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const highAb = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const highCd = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<u64>(lowAb, lowCd, 0, 2));
  v128.store(to + toStride, v128.shuffle<u64>(lowAb, lowCd, 1, 3));
  v128.store(to + 2 * toStride, v128.shuffle<u64>(highAb, highCd, 0, 2));
  v128.store(to + 3 * toStride, v128.shuffle<u64>(highAb, highCd, 1, 3));
}

function swapBytes(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
