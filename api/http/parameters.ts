// Parameters that several routes take, in the path or the query. A message states what is accepted; none repeats what
// was sent.
import { z } from 'zod';
import { ID_PATTERNS, ID_PREFIXES, type IdKind } from '../../shared/audit/ids.ts';
import { PAPERS } from '../../shared/reports/paper.ts';
import { parseTime, TIME_FAULTS, type TimeFault } from '../../shared/time/parse-time.ts';
import { parseSince } from '../../shared/time/time-window.ts';
import { EXAMPLE_CURSOR } from './paging.ts';

const DEFAULT_LIMIT = '25';
const LIMIT = 'limit must be given once, a whole number from 1 to 100.';
const SINCE =
  'since must be given once: <n>h or <n>d, up to 366d, or an ISO 8601 time ("+" in a URL is %2B).';
const UNTIL =
  'until must be given once, an ISO 8601 time such as 2026-05-03T21:14:32Z ("+" in a URL is %2B).';
const AGENT_ID = 'agent_id must be given once, agt_ and 26 upper-case characters.';
const PAPER = `paper must be given once, ${PAPERS.join(' or ')}.`;
const CURSOR = 'cursor must be given once, exactly as next_cursor had it.';

/** Stands for an id in examples: one time, and an end that tells the kind. */
function exampleId(kind: IdKind): string {
  return `${ID_PREFIXES[kind]}_01KQGDBJ00Z4M8T6XJ3V5C9R2N`;
}

/** An id, in a path or an answer. */
export function idOf(kind: IdKind, description: string) {
  return z
    .string()
    .regex(ID_PATTERNS[kind])
    .describe(`${description}, ${ID_PREFIXES[kind]}_ and a ULID.`)
    .meta({ examples: [exampleId(kind)] });
}

/** Of the pages of a PDF. */
export const paper = z
  .enum(PAPERS, PAPER)
  .optional()
  .describe(
    "Paper of a PDF's pages; other formats have none. The account's when left out, a4 unless it was chosen.",
  );

export const limit = z
  .string(LIMIT)
  .regex(/^([1-9]\d?|100)$/, LIMIT)
  .transform(Number)
  .prefault(DEFAULT_LIMIT)
  .describe('Rows on a page, 1 to 100.')
  .meta({ type: 'integer', minimum: 1, maximum: 100 });

export const cursor = z
  .string(CURSOR)
  .min(1, CURSOR)
  .optional()
  .describe('next_cursor of the page before. Leave it out for the first page.')
  .meta({ examples: [EXAMPLE_CURSOR] });

export const since = time('since', { message: SINCE, example: '7d' }, (text) => {
  const parsed = parseSince(text);
  return parsed.ok ? parsed.since : parsed.fault;
}).describe(
  'Start of the window, inclusive: hours (24h) or days (7d) before now, or an ISO 8601 time. 24h when left out.',
);

export const until = time('until', { message: UNTIL, example: '2026-05-03T21:14:32Z' }, (text) => {
  const parsed = parseTime(text);
  return parsed.ok ? parsed.time : parsed.fault;
}).describe('End of the window, exclusive: an ISO 8601 time. Now when left out.');

export const agentId = z
  .string(AGENT_ID)
  .regex(ID_PATTERNS.agent, AGENT_ID)
  .optional()
  .describe('Only sessions of this agent; an unknown agent has none.')
  .meta({ examples: [exampleId('agent')] });

function time<T extends object>(
  name: string,
  { message, example }: Readonly<{ message: string; example: string }>,
  parse: (text: string) => T | TimeFault,
) {
  return (
    z
      .string(message)
      // On the text itself: zod leaves out the examples of what is transformed.
      .meta({ examples: [example] })
      .transform((text, context) => {
        const found = parse(text);
        if (typeof found === 'object') return found;
        context.addIssue(found === 'form' ? message : `${name} ${TIME_FAULTS[found]}.`);
        return z.NEVER;
      })
      .optional()
  );
}
