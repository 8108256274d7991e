import { z } from 'zod';
import { BUCKETS, isTimeZone } from '../../../shared/time/local-buckets.ts';
import { listFormat } from '../../http/csv-list.ts';
import { agentId, since, until } from '../../http/parameters.ts';

export const GROUPS = ['kind', 'pass', 'agent'] as const;

const BUCKET = `bucket must be given once, one of ${BUCKETS.join(', ')}.`;
const TZ =
  'tz must be given once, a time zone of the IANA database such as America/New_York; an offset such as +05:30 is not one.';
const GROUP_BY = `group_by must be given once, one of ${GROUPS.join(', ')}.`;

/** `GET /stats/redactions` */
export const redactionStatsQuery = z.object({
  since,
  until,
  bucket: z.enum(BUCKETS, BUCKET).default('hour').describe('Length of a bucket.'),
  tz: z
    .string(TZ)
    .refine(isTimeZone, TZ)
    .default('UTC')
    .describe('IANA time zone whose hours and days the buckets are.'),
  agent_id: agentId,
  group_by: z.enum(GROUPS, GROUP_BY).optional().describe('Splits each bucket. No split when left out.'),
  format: listFormat,
});

export type RedactionStatsQuery = Omit<z.output<typeof redactionStatsQuery>, 'format'>;

const time = z.iso.datetime();

export const redactionCount = z.strictObject({
  start: time.describe('Start of the bucket: of its hour or day, or of the window where that is later.'),
  end: time.describe('End of the bucket, exclusive: the start of the next, or the end of the window.'),
  key: z
    .string()
    .nullable()
    .describe('Kind, pass or agent id; null without group_by, and for a bucket without redactions.')
    .meta({ examples: ['NAME'] }),
  count: z.int().nonnegative().describe('Redactions in sessions that started in the bucket and have ended.'),
});

export const redactionStatsResponse = z.strictObject({
  data: z
    .array(redactionCount)
    .describe('By start, then by key in UTF-16 order. A bucket without redactions has one row.'),
});

export type RedactionCountResponse = z.infer<typeof redactionCount>;
