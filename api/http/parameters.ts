// Query parameters that several routes take. Every message says what is taken; none repeats what was sent.
import { z } from 'zod';
import { isId } from '../../shared/audit/ids.ts';
import { parseSince, parseTime } from '../../shared/time/time-window.ts';

const DEFAULT_LIMIT = 25;
const LIMIT = 'limit must be given once, a whole number from 1 to 100.';
const SINCE =
  'since must be given once: <n>h or <n>d, up to 366d, or an ISO 8601 time ("+" in a URL is %2B).';
const UNTIL =
  'until must be given once, an ISO 8601 time such as 2026-05-03T21:14:32Z ("+" in a URL is %2B).';
const AGENT_ID = 'agent_id must be given once, agt_ and 26 upper-case characters.';
const CURSOR = 'cursor must be given once, exactly as next_cursor had it.';

/** Rows a page. */
export const limit = z
  .string(LIMIT)
  .regex(/^([1-9]\d?|100)$/, LIMIT)
  .transform(Number)
  .default(DEFAULT_LIMIT);

/** `next_cursor` of the page before. */
export const cursor = z.string(CURSOR).min(1, CURSOR).optional();

/** The start of a window, inclusive. */
export const since = parsed(parseSince, SINCE);

/** The end of a window, exclusive. */
export const until = parsed(parseTime, UNTIL);

export const agentId = z
  .string(AGENT_ID)
  .refine((text) => isId('agent', text), AGENT_ID)
  .optional();

function parsed<T>(parse: (text: string) => T | null, message: string) {
  return z
    .string(message)
    .transform((text, context) => {
      const value = parse(text);
      if (value !== null) return value;
      context.addIssue(message);
      return z.NEVER;
    })
    .optional();
}
