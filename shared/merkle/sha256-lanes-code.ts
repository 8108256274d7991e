// SHA-256 (FIPS 180-4) of four messages at once as WebAssembly: lane `i` of every vector belongs to message `i`. Names are
// those of FIPS 180-4 section 6.2.2. Imports nothing of ours but the instructions.
import {
  add,
  and,
  assemble,
  type Code,
  call,
  get,
  load,
  loadByte,
  loadSpread,
  number,
  or,
  plus,
  repeat,
  replaceLane,
  rotateRight,
  select,
  set,
  shiftLeft,
  shiftRight,
  shuffle,
  spread,
  store,
  xor,
} from './simd-code.ts';

/** What the memory holds: a vector for each word of the state and of the block, the midstate, and what callers put there. */
const STATE_AT = 0;
const WORDS_AT = STATE_AT + 8 * 16;
export const MIDSTATE_AT = WORDS_AT + 16 * 16;
export const MIDSTATE_SIZE = 8 * 16;
export const FREE_AT = MIDSTATE_AT + MIDSTATE_SIZE;

const DIGEST = 32;
const BLOCK = 64;

const { roundConstants, initialState } = deriveConstants();

/**
 * The module's functions; counts are multiples of four.
 * - `makeMidstate(block)` sets the midstate to the state after the block of 64 bytes there.
 * - `hashEnds(input, output, count)`: the hashes of messages of two blocks, of which the midstate is after the first, and
 *   the second holds one of `count` hashes that stand end to end.
 * - `hashPairs(input, output, count)`: the node hashes (RFC 6962 section 2.1) of `count` pairs of hashes. The byte before
 *   the input is read; the output may be where the input is.
 */
export function makeLanesModule(): Uint8Array<ArrayBuffer> {
  return assemble([
    { name: 'compress', parameters: 0, vectors: 8 + 16 + 1, body: compress() },
    { name: 'makeMidstate', parameters: 1, vectors: 0, body: makeMidstate() },
    { name: 'hashEnds', parameters: 3, vectors: LANES.length, body: hashEnds() },
    { name: 'hashPairs', parameters: 3, vectors: LANES.length, body: hashPairs() },
  ]);
}

const ZERO = number(0);
const COMPRESS = call(0);

const loadState = (i: number) => load(ZERO, STATE_AT + 16 * i);
const storeState = (i: number, value: Code) => store(ZERO, STATE_AT + 16 * i, value);
const storeWord = (i: number, value: Code) => store(ZERO, WORDS_AT + 16 * i, value);
const times = (count: number, make: (i: number) => Code) => Array.from({ length: count }, (_, i) => make(i));

/** Takes the block into the state. */
function compress(): Code {
  const [TEMPORARY, WORDS] = [24, 8];
  const word = (t: number) => WORDS + (t % 16);
  const state = [0, 1, 2, 3, 4, 5, 6, 7];
  const rounds = times(64, (t) => {
    const [a, b, c, d, e, f, g, h] = state.map(get) as [Code, Code, Code, Code, Code, Code, Code, Code];
    const schedule =
      t < 16
        ? []
        : set(
            word(t),
            nextWord((back) => get(word(t - back))),
          );
    const sum1 = xor(rotateRight(e, 6), rotateRight(e, 11), rotateRight(e, 25));
    const sum0 = xor(rotateRight(a, 2), rotateRight(a, 13), rotateRight(a, 22));
    const majority = xor(b, and(xor(a, b), xor(b, c)));
    const added = add(get(word(t)), spread(roundConstants[t] as number));
    const round = [
      set(TEMPORARY, add(h, sum1, select(f, g, e), added)),
      set(state[3] as number, add(d, get(TEMPORARY))),
      set(state[7] as number, add(get(TEMPORARY), sum0, majority)),
    ];
    // What was `a` is `b` in the next round, and so on.
    state.unshift(state.pop() as number);
    return [schedule, round];
  });
  return [
    times(8, (i) => set(i, loadState(i))),
    times(16, (t) => set(word(t), load(ZERO, WORDS_AT + 16 * t))),
    rounds,
    times(8, (i) => storeState(i, add(loadState(i), get(i)))),
  ];
}

/** The word of a round after the sixteenth, of the words so many rounds back. */
function nextWord(word: (back: number) => Code): Code {
  const sigma0 = xor(rotateRight(word(15), 7), rotateRight(word(15), 18), shiftRight(word(15), 3));
  const sigma1 = xor(rotateRight(word(2), 17), rotateRight(word(2), 19), shiftRight(word(2), 10));
  return add(word(16), sigma0, word(7), sigma1);
}

const [INPUT, OUTPUT, COUNT] = [0, 1, 2];
/** What four rows are loaded into, to be turned into columns. */
const LANES = [3, 4, 5, 6] as const;

function makeMidstate(): Code {
  return [
    times(8, (i) => storeState(i, spread(initialState[i] as number))),
    times(16, (i) => storeWord(i, swapBytes(loadSpread(get(INPUT), 4 * i)))),
    COMPRESS,
    times(8, (i) => store(ZERO, MIDSTATE_AT + 16 * i, loadState(i))),
  ];
}

function hashEnds(): Code {
  const ends = [
    times(8, (i) => storeState(i, load(ZERO, MIDSTATE_AT + 16 * i))),
    storeWords(get(INPUT), DIGEST, DIGEST),
    storePadding(DIGEST / 4, BLOCK + DIGEST, 0x80000000),
    COMPRESS,
  ];
  return repeat(COUNT, 4, [ends, storeDigests(), goOn(DIGEST)]);
}

function hashPairs(): Code {
  const lastBytes = [0, 1, 2, 3].reduce(
    (vector, lane) => replaceLane(vector, lane, loadByte(get(INPUT), BLOCK * lane + BLOCK - 1)),
    spread(0),
  );
  const pairs = [
    times(8, (i) => storeState(i, spread(initialState[i] as number))),
    // From the byte before each pair on, which makes way for the prefix of a node.
    storeWords(plus(get(INPUT), number(-1)), BLOCK, BLOCK),
    storeWord(0, or(and(load(ZERO, WORDS_AT), spread(0x00ffffff)), spread(0x01000000))),
    COMPRESS,
    storePadding(0, 1 + BLOCK, 0),
    storeWord(0, or(shiftLeft(lastBytes, 24), spread(0x00800000))),
    COMPRESS,
  ];
  return repeat(COUNT, 4, [pairs, storeDigests(), goOn(BLOCK)]);
}

/** Of inputs of so many bytes, on to the next four. */
function goOn(size: number): Code {
  const step = (local: number, by: number) => set(local, plus(get(local), number(by)));
  return [step(INPUT, 4 * size), step(OUTPUT, 4 * DIGEST)];
}

/** The first words of the block, from `bytes` of each of four messages that begin `stride` bytes apart. */
function storeWords(address: Code, bytes: number, stride: number): Code {
  return times(bytes / 16, (quarter) => [
    LANES.map((lane, i) => set(lane, load(address, stride * i + 16 * quarter))),
    columns().map((word, i) => storeWord(4 * quarter + i, swapBytes(word))),
  ]);
}

/** The block from a word on: the word given, zeros, and the length in bits of a message of so many bytes. */
function storePadding(from: number, bytes: number, first: number): Code {
  const words = [first, ...Array(14 - from).fill(0), 8 * bytes];
  return words.map((value, i) => storeWord(from + i, spread(value)));
}

/** The state, as four hashes end to end. */
function storeDigests(): Code {
  return [0, 1].map((half) => [
    LANES.map((lane, i) => set(lane, loadState(4 * half + i))),
    columns().map((row, i) => store(get(OUTPUT), DIGEST * i + 16 * half, swapBytes(row))),
  ]);
}

function columns(): Code[] {
  const [a, b, c, d] = LANES.map(get) as [Code, Code, Code, Code];
  const low = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
  const first = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
  const [high, second] = [low, first].map((order) => order.map((byte) => byte + 8)) as [number[], number[]];
  return [low, high].flatMap((half) => {
    const [ab, cd] = [shuffle(a, b, half), shuffle(c, d, half)];
    return [shuffle(ab, cd, first), shuffle(ab, cd, second)];
  });
}

/** The first byte of a word is its highest in SHA-256, its lowest in WebAssembly. */
function swapBytes(vector: Code): Code {
  return shuffle(vector, spread(0), [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);
}

/** FIPS 180-4 sections 4.2.2 and 5.3.3: the first 32 bits of the fractions of primes' cube roots and square roots. */
function deriveConstants() {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const fraction = (root: number) => Math.floor((root % 1) * 2 ** 32);
  return {
    roundConstants: primes.map((prime) => fraction(Math.cbrt(prime))),
    initialState: primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))),
  };
}
