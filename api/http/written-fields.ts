// Fields of what callers write. A message states what is accepted; none repeats what was sent.
import { z } from 'zod';
import { isShownName, NOT_SHOWN } from '../../shared/accounts/visible-name.ts';
import { ID_PATTERNS, ID_PREFIXES, type IdKind } from '../../shared/audit/ids.ts';
import { parseTime, TIME_FAULTS } from '../../shared/time/parse-time.ts';

/** An id that the caller chose. */
export function writtenId(kind: IdKind, description: string) {
  return z
    .string(`must be ${ID_PREFIXES[kind]}_ and a ULID in capitals`)
    .regex(ID_PATTERNS[kind], `must be ${ID_PREFIXES[kind]}_ and a ULID in capitals`)
    .describe(`${description}, ${ID_PREFIXES[kind]}_ and a ULID.`);
}

/** ISO 8601 with seconds, an offset, and up to nine fraction digits, of which a part of a millisecond rounds up. */
export function writtenTime(description: string) {
  return z
    .string('must be an ISO 8601 time')
    .transform((text, context) => {
      const parsed = parseTime(text);
      if (parsed.ok) return parsed.time;
      context.addIssue(TIME_FAULTS[parsed.fault]);
      return z.NEVER;
    })
    .describe(`${description}: ISO 8601 with seconds and an offset. A part of a millisecond rounds up.`);
}

/** Most UTF-16 code units of a name that is written. */
const NAME_LIMIT = 500;

export function writtenName(description: string) {
  return z
    .string('must be a text')
    .min(1, 'must not be empty')
    .max(NAME_LIMIT, `must have at most ${NAME_LIMIT} characters`)
    .describe(description);
}

/** A name that people read, in lists and reports. */
export function shownName(description: string) {
  return writtenName(`${description} It ${NOT_SHOWN}.`).refine(isShownName, NOT_SHOWN);
}
