// Query parameters that several lists take. Every message says what is taken; none repeats what was sent.
import { z } from 'zod';

const DEFAULT_LIMIT = 25;
const LIMIT = 'limit must be given once, a whole number from 1 to 100.';
const CURSOR = 'cursor must be given once, exactly as next_cursor had it.';

/** Rows a page. */
export const limit = z
  .string(LIMIT)
  .regex(/^([1-9]\d?|100)$/, LIMIT)
  .transform(Number)
  .default(DEFAULT_LIMIT);

/** `next_cursor` of the page before. */
export const cursor = z.string(CURSOR).min(1, CURSOR).optional();
