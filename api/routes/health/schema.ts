import { z } from 'zod';

export const healthResponse = z.strictObject({
  status: z
    .enum(['ok', 'degraded', 'unavailable'])
    .describe(
      'degraded: answers, but a part it is used for is missing or not well; a pipeline that is not configured is no such part. unavailable: cannot serve.',
    ),
  version: z.string().describe('Version of this program.'),
  uptime_seconds: z.int().nonnegative().describe('Whole seconds since the process started.'),
  components: z.strictObject({
    db: z.enum(['ok', 'unavailable']).describe('Whether the database answers.'),
    queue: z
      .enum(['ok', 'unavailable', 'not configured'])
      .describe('Whether Redis, which holds the job queues, answers. Without it all is served as ever.'),
    pipeline: z
      .union([
        z.enum(['ok', 'not configured']),
        z.templateLiteral([z.enum(['unavailable', 'behind']), ': ', z.string()]),
      ])
      .describe(
        'The background pipeline. unavailable: it cannot be seen. behind: no worker is connected, a change has waited for more than 5 minutes, or jobs failed; why is said.',
      ),
    audit_log: z
      .enum(['ok', 'not configured'])
      .describe('Whether audit keys are configured, to check logs with.'),
    pdf: z
      .union([z.literal('ok'), z.templateLiteral(['unavailable: ', z.string()])])
      .describe('The PDF renderer, and why there is none: reports are JSON only then.'),
  }),
});

export type HealthResponse = z.infer<typeof healthResponse>;
