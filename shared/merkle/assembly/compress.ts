// AssemblyScript: the SHA-256 compression function of FIPS 180-4 section 6.2.2 on four messages at once. Lane `i` of
// every vector is a 32-bit word of message `i`; names are those of FIPS 180-4. `npm run build:wasm` compiles it.
// Each function below `compress` is small enough for the compiler to inline: one call a round costs a sixth or more.
import { STATE_AT, VECTOR, WORDS_AT } from './layout.ts';

/** The constants K of FIPS 180-4 section 4.2.2. */
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

/**
 * Replaces the hash value at `STATE_AT` by the one after the message block at `WORDS_AT`. Overwrites words 16 to 63 of
 * the schedule and keeps the message block.
 */
export function compress(): void {
  let a = v128.load(STATE_AT, 0 * VECTOR);
  let b = v128.load(STATE_AT, 1 * VECTOR);
  let c = v128.load(STATE_AT, 2 * VECTOR);
  let d = v128.load(STATE_AT, 3 * VECTOR);
  let e = v128.load(STATE_AT, 4 * VECTOR);
  let f = v128.load(STATE_AT, 5 * VECTOR);
  let g = v128.load(STATE_AT, 6 * VECTOR);
  let h = v128.load(STATE_AT, 7 * VECTOR);

  // Changes the variables' roles from round to round, so that no value moves. After eight rounds each has its first
  // role again. Expands word `t + 16` in round `t`: the processor overlaps the two. Expanding in advance takes a sixth
  // longer.
  for (let t = 0; t < 64; t += 8) {
    let t1 = temporary1(e, f, g, h, t);
    if (t < 48) expandWord(t + 16);
    d = add(d, t1);
    h = add(t1, temporary2(a, b, c));

    t1 = temporary1(d, e, f, g, t + 1);
    if (t < 48) expandWord(t + 17);
    c = add(c, t1);
    g = add(t1, temporary2(h, a, b));

    t1 = temporary1(c, d, e, f, t + 2);
    if (t < 48) expandWord(t + 18);
    b = add(b, t1);
    f = add(t1, temporary2(g, h, a));

    t1 = temporary1(b, c, d, e, t + 3);
    if (t < 48) expandWord(t + 19);
    a = add(a, t1);
    e = add(t1, temporary2(f, g, h));

    t1 = temporary1(a, b, c, d, t + 4);
    if (t < 48) expandWord(t + 20);
    h = add(h, t1);
    d = add(t1, temporary2(e, f, g));

    t1 = temporary1(h, a, b, c, t + 5);
    if (t < 48) expandWord(t + 21);
    g = add(g, t1);
    c = add(t1, temporary2(d, e, f));

    t1 = temporary1(g, h, a, b, t + 6);
    if (t < 48) expandWord(t + 22);
    f = add(f, t1);
    b = add(t1, temporary2(c, d, e));

    t1 = temporary1(f, g, h, a, t + 7);
    if (t < 48) expandWord(t + 23);
    e = add(e, t1);
    a = add(t1, temporary2(b, c, d));
  }

  addToState(0, a);
  addToState(1, b);
  addToState(2, c);
  addToState(3, d);
  addToState(4, e);
  addToState(5, f);
  addToState(6, g);
  addToState(7, h);
}

/** T1 of round `t`. */
function temporary1(e: v128, f: v128, g: v128, h: v128, t: i32): v128 {
  const constant = v128.load32_splat(K + 4 * t);
  return add(add(add(h, bigSigma1(e)), ch(e, f, g)), add(constant, loadWord(t)));
}

/** T2 of a round. */
function temporary2(a: v128, b: v128, c: v128): v128 {
  return add(bigSigma0(a), maj(a, b, c));
}

/** Computes word `t` of the schedule, 16 or later, of the words before it. */
function expandWord(t: i32): void {
  const late = add(smallSigma1(loadWord(t - 2)), loadWord(t - 7));
  const early = add(smallSigma0(loadWord(t - 15)), loadWord(t - 16));
  v128.store(WORDS_AT + VECTOR * t, add(late, early));
}

/** Loads word `t` of the schedule. */
export function loadWord(t: i32): v128 {
  return v128.load(WORDS_AT + VECTOR * t);
}

function addToState(i: i32, value: v128): void {
  const at = STATE_AT + VECTOR * i;
  v128.store(at, add(v128.load(at), value));
}

// The functions of FIPS 180-4 section 4.1.2.

function ch(x: v128, y: v128, z: v128): v128 {
  return v128.bitselect(y, z, x);
}

/** Computes `maj` from `x ^ y` and `y ^ z`: the next round's `y ^ z` is this round's `x ^ y`. */
function maj(x: v128, y: v128, z: v128): v128 {
  return xor(y, v128.and(xor(x, y), xor(y, z)));
}

function bigSigma0(x: v128): v128 {
  return xor(xor(rotr(x, 2), rotr(x, 13)), rotr(x, 22));
}

function bigSigma1(x: v128): v128 {
  return xor(xor(rotr(x, 6), rotr(x, 11)), rotr(x, 25));
}

function smallSigma0(x: v128): v128 {
  return xor(xor(rotr(x, 7), rotr(x, 18)), i32x4.shr_u(x, 3));
}

function smallSigma1(x: v128): v128 {
  return xor(xor(rotr(x, 17), rotr(x, 19)), i32x4.shr_u(x, 10));
}

function rotr(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}

function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}
