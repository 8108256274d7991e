import { z } from 'zod';
import { cursor, limit } from '../../http/parameters.ts';

/** `GET /agents` */
export const agentsQuery = z.object({ limit, cursor });

const latency = z.number().nonnegative().nullable();

export const agentResponse = z.strictObject({
  id: z.string().describe('agt_ and a ULID.'),
  name: z.string().describe('Display name.'),
  policy_name: z.string().describe('Masking policy that the agent runs under.'),
  session_count_24h: z
    .int()
    .nonnegative()
    .describe('Sessions that started in the last 24 hours and have ended.'),
  session_count_7d: z.int().nonnegative().describe('The same over 7 days.'),
  redaction_count_24h: z.int().nonnegative().describe('Redactions in the sessions of the last 24 hours.'),
  p50_latency_ms: latency.describe(
    'Median duration of whole sessions over 24 hours; null when there are none.',
  ),
  p95_latency_ms: latency.describe('Their 95th percentile, nearest rank.'),
});

export const agentsResponse = z.strictObject({
  data: z.array(agentResponse).describe('By id, oldest first.'),
  next_cursor: z.string().nullable().describe('For the next page; null on the last.'),
});

export type AgentResponse = z.infer<typeof agentResponse>;
