// Addresses in the memory that the WebAssembly module and its caller share. Both AssemblyScript and TypeScript compile
// this file, so it holds plain numbers only. Imports nothing.

/** Bytes of a vector: one 32-bit word of each of four messages. */
export const VECTOR = 16;

/** The hash value H of FIPS 180-4 section 6.2.2: eight vectors. */
export const STATE_AT = 0;

/** The message schedule W of FIPS 180-4 section 6.2.2: 64 vectors. The first 16 are the message block. */
export const WORDS_AT = STATE_AT + 8 * VECTOR;

/** The hash value after a 64-byte first block that many messages begin with: eight vectors. */
export const MIDSTATE_AT = WORDS_AT + 64 * VECTOR;
/** Bytes of that hash value. */
export const MIDSTATE_SIZE = 8 * VECTOR;

/** The caller's area begins here. The module's constant tables lie behind that area. */
export const FREE_AT = MIDSTATE_AT + MIDSTATE_SIZE;
