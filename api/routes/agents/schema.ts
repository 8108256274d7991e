import { z } from 'zod';
import { listFormat } from '../../http/csv-list.ts';
import { pageResponse } from '../../http/paging.ts';
import { cursor, idOf, limit } from '../../http/parameters.ts';
import { shownName, writtenName } from '../../http/written-fields.ts';

export const agentParams = z.object({ agent_id: idOf('agent', 'The agent') });

/** `PUT /agents/{agent_id}` */
export const agentBody = z.strictObject({
  name: shownName('Display name.'),
  policy_name: writtenName('Masking policy that the agent runs under.'),
});

export const writtenAgentResponse = z.strictObject({
  id: idOf('agent', 'The agent'),
  name: z.string().describe('Display name.'),
  policy_name: z.string().describe('Masking policy that the agent runs under.'),
  warnings: z.array(z.string()).describe('What is stored as it is and may be meant otherwise.'),
});

/** Where a page of agents begins, also of the console's. */
export const agentsPageQuery = z.object({ limit, cursor });

/** `GET /agents` */
export const agentsQuery = agentsPageQuery.extend({ format: listFormat });

export type AgentsQuery = z.output<typeof agentsPageQuery>;

const count = z.int().nonnegative();
const latency = z.number().nonnegative().nullable();

export const agentResponse = z
  .strictObject({
    id: idOf('agent', 'The agent'),
    name: z
      .string()
      .describe('Display name.')
      .meta({ examples: ['appointment-bot-prod'] }),
    policy_name: z
      .string()
      .describe('Masking policy that the agent runs under.')
      .meta({ examples: ['healthcare-default'] }),
    session_count_24h: count.describe('Sessions that started in the last 24 hours and have ended.'),
    session_count_7d: count.describe('Sessions that started in the last 7 days and have ended.'),
    redaction_count_24h: count.describe(
      'Redactions in sessions that started in the last 24 hours and have ended.',
    ),
    p50_latency_ms: latency.describe(
      'Median duration, in milliseconds, of sessions that started in the last 24 hours and have ended; null when there are none.',
    ),
    p95_latency_ms: latency.describe(
      '95th percentile of these durations, nearest rank; null when there are none.',
    ),
  })
  .meta({ id: 'Agent' });

export const agentsResponse = pageResponse(agentResponse, 'Agents by id, oldest first.');

export type AgentResponse = z.infer<typeof agentResponse>;
export type AgentsResponse = z.infer<typeof agentsResponse>;
