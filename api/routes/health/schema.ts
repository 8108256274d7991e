import { z } from 'zod';

export const healthResponse = z.strictObject({
  status: z
    .enum(['ok', 'degraded', 'unavailable'])
    .describe(
      'degraded: it serves, but a part is missing or has a fault; a pipeline that is not configured does not count. unavailable: it cannot serve.',
    ),
  version: z
    .string()
    .describe('Version of the service.')
    .meta({ examples: ['0.1.0'] }),
  uptime_seconds: z.int().nonnegative().describe('Whole seconds since the process started.'),
  components: z
    .strictObject({
      db: z.enum(['ok', 'unavailable']).describe('Whether the database answers.'),
      indexes: z
        .union([z.literal('ok'), z.templateLiteral([z.enum(['building', 'failed']), ': ', z.string()])])
        .describe(
          'Whether the indexes of lists are there, as far as this process builds them. building: how many are not yet, and the first of them; lists that need them are slow until then. failed: with the reason.',
        ),
      queue: z
        .union([
          z.enum(['ok', 'unavailable', 'not configured']),
          z.templateLiteral(['degraded: ', z.string()]),
        ])
        .describe(
          'Whether Redis, which holds the job queues, answers and keeps what it is given. The API serves without it. degraded: it refuses writes, with its words, evicts keys, or holds the queues of another deployment whose database has the same name, with the remedy.',
        ),
      pipeline: z
        .union([
          z.enum(['ok', 'not configured']),
          z.templateLiteral([z.enum(['unavailable', 'behind']), ': ', z.string()]),
        ])
        .describe(
          'The background pipeline, with the reason. unavailable: its state cannot be read. behind: no worker is connected, a queue is paused, a change of a session, an account log or an ordered report has waited for more than 5 minutes, whatever Redis says, or jobs failed.',
        ),
      audit_log: z
        .union([
          z.enum(['ok', 'not configured']),
          z.templateLiteral([z.enum(['unavailable', 'degraded']), ': ', z.string()]),
        ])
        .describe(
          'Whether the audit keys that stored logs need are configured. not configured: no key is, and no log needs one yet. degraded: with the ids of the keys that are missing, do not match or are out of scope, and how many sessions need each. unavailable: the database has not answered yet.',
        ),
      account_log: z
        .union([
          z.enum(['ok', 'not configured']),
          z.templateLiteral([z.enum(['unavailable', 'failed', 'degraded']), ': ', z.string()]),
        ])
        .describe(
          'Whether the account logs extend what was signed of them. not configured: this process has no signing key. failed: how many do not. degraded: how many rows get no entry, since somebody wrote or changed them.',
        ),
      pdf: z
        .union([z.literal('ok'), z.templateLiteral(['unavailable: ', z.string()])])
        .describe('The PDF renderer, with the reason where it is unavailable: reports are JSON only then.'),
    })
    .describe('State of each part.'),
});

export const liveResponse = z.strictObject({ status: z.literal('ok').describe('Always ok.') });

export const readyResponse = z.strictObject({
  status: z
    .enum(['ok', 'unavailable', 'stopping'])
    .describe(
      'unavailable: the database does not answer. stopping: the process has had SIGTERM, and serves on for DRAIN_MS.',
    ),
});

export type HealthResponse = z.infer<typeof healthResponse>;
