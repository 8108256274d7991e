import { z } from 'zod';
import { agentId, since, until } from '../../http/parameters.ts';
import { BUCKETS, isTimeZone } from './local-buckets.ts';

export const GROUPS = ['kind', 'pass', 'agent'] as const;

const BUCKET = `bucket must be given once, one of ${BUCKETS.join(', ')}.`;
const TZ =
  'tz must be given once, a time zone of the IANA database such as America/New_York; offsets are none.';
const GROUP_BY = `group_by must be given once, one of ${GROUPS.join(', ')}.`;

/** `GET /stats/redactions` */
export const redactionStatsQuery = z.object({
  /** Sessions that started at this time or later; 24h when left out. */
  since,
  /** Sessions that started before this time; now when left out. */
  until,
  bucket: z.enum(BUCKETS, BUCKET).default('hour'),
  /** Whose hours and days; UTC when left out. */
  tz: z.string(TZ).refine(isTimeZone, TZ).default('UTC'),
  /** Sessions of this agent; an unknown one has none. */
  agent_id: agentId,
  /** What to count apart; nothing when left out. */
  group_by: z.enum(GROUPS, GROUP_BY).optional(),
});

export type RedactionStatsQuery = z.output<typeof redactionStatsQuery>;

const time = z.iso.datetime();

export const redactionCount = z.strictObject({
  start: time.describe('Start of the hour or day, or of the window within it.'),
  end: time.describe('Its end, exclusive: the start of the next.'),
  key: z
    .string()
    .nullable()
    .describe('Kind, pass or agent id; null without group_by, and where there is nothing to count.'),
  count: z.int().nonnegative().describe('Redactions in sessions that started then and have ended.'),
});

export const redactionStatsResponse = z.strictObject({
  data: z.array(redactionCount).describe('By start, then by key in UTF-16 order; every bucket is there.'),
});

export type RedactionCountResponse = z.infer<typeof redactionCount>;
