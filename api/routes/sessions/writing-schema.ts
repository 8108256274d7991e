// What the routes that write sessions take and answer. The fields of an event are those of the audit log's format, less
// those that the service adds.
import { z } from 'zod';
import { isShownName, NOT_SHOWN } from '../../../shared/accounts/visible-name.ts';
import { EXTERNAL_ID_LIMIT } from '../../../shared/sessions/external-id.ts';
import { SESSION_STATUSES } from '../../../shared/sessions/session.ts';
import { idOf } from '../../http/parameters.ts';
import { shownName, writtenId, writtenName, writtenTime } from '../../http/written-fields.ts';

/** Bytes of a body at most. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** Events of one request at most. */
export const EVENTS_LIMIT = 1_000;

const METADATA_LIMIT = 16;
const METADATA_NAME_BYTES = 64;
const METADATA_VALUE_BYTES = 256;

/** Names of members are any text: read as pairs, since `__proto__` is a name, too. */
function pairsOf<Value extends z.ZodType>(value: Value, message: string) {
  return z
    .custom<Readonly<Record<string, z.input<Value>>>>(isObject, message)
    .transform((members, context) => {
      const pairs: [string, z.output<Value>][] = [];
      for (const [name, member] of Object.entries(members)) {
        const parsed = value.safeParse(member);
        if (parsed.success) pairs.push([name, parsed.data]);
        else context.addIssue(parsed.error.issues[0]?.message ?? message);
      }
      return pairs;
    });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const bytesAtMost = (limit: number) => (text: string) => Buffer.byteLength(text) <= limit;

/** `PUT /sessions/{session_id}` */
export const sessionBody = z.strictObject({
  agent_id: writtenId('agent', 'Agent that handles the session; it must exist'),
  started_at: writtenTime('Start of the session'),
  policy_name: writtenName('Policy in force; this version of it must be stored.'),
  policy_version: z.int('must be a whole number').positive('must be 1 or more').describe('Its version.'),
  upstream_model: shownName('Language model that the session uses.'),
  external_id: z
    .string('must be a text')
    .min(1, 'must not be empty')
    .refine(bytesAtMost(EXTERNAL_ID_LIMIT), `must have at most ${EXTERNAL_ID_LIMIT} bytes`)
    .refine(isShownName, NOT_SHOWN)
    .optional()
    .describe(
      'Id by which your own system knows the session, unique in the account; its report states it. No number, address or name of a caller.',
    ),
  metadata: pairsOf(
    z
      .string('must have texts as values')
      .refine(bytesAtMost(METADATA_VALUE_BYTES), `must have values of at most ${METADATA_VALUE_BYTES} bytes`),
    'must be an object of texts',
  )
    .refine((pairs) => pairs.length <= METADATA_LIMIT, `must have at most ${METADATA_LIMIT} members`)
    .refine(
      (pairs) => pairs.every(([name]) => bytesAtMost(METADATA_NAME_BYTES)(name)),
      `must have names of at most ${METADATA_NAME_BYTES} bytes`,
    )
    .refine((pairs) => pairs.every(([name]) => isShownName(name)), `each name ${NOT_SHOWN}`)
    .optional()
    .meta({
      type: 'object',
      additionalProperties: { type: 'string' },
      maxProperties: METADATA_LIMIT,
      description: `Up to ${METADATA_LIMIT} short texts of your own, shown with the session and never in a report.`,
    }),
});

export const openedResponse = z.strictObject({
  session: z
    .strictObject({
      id: idOf('session', 'The session'),
      agent_id: idOf('agent', 'Agent that handles the session'),
      started_at: z.iso.datetime().describe('Start of the session, UTC.'),
      policy_name: z.string().describe('Policy in force.'),
      policy_version: z.int().describe('Version of the policy.'),
      policy_sha256: z.string().describe('SHA-256 of its text, in hex.'),
      upstream_model: z.string().describe('Language model that the session uses.'),
      external_id: z.string().nullable().describe('Id by which your own system knows the session.'),
      metadata: z.record(z.string(), z.string()).describe('Texts of your own.'),
      log_state: z.literal('open').describe('The log takes events.'),
    })
    .describe('The session as it is stored.'),
});

const count = z.int().nonnegative();

/** The fields of an event, for readers: `check-draft.ts` checks them. */
const event = z.looseObject({
  event_id: idOf('event', 'Id that you choose: an event that is sent again under it is stored once'),
  ts: z.iso.datetime({ offset: true }).describe('Time of the event, kept in milliseconds.'),
  kind: z
    .string()
    .describe('redaction, rehydration_failed or another kind, which is kept and counted apart.'),
  pass: z.string().optional().describe('Detection pass. A redaction needs it.'),
  entity_kind: z.string().optional().describe('PHI kind. A redaction and a rehydration_failed need it.'),
  span: z
    .tuple([count, count])
    .optional()
    .describe('Start and end (exclusive) in Unicode code points. A redaction needs it.'),
  confidence: z.number().min(0).max(1).optional().describe('0 to 1. A redaction needs it.'),
  token_kind: z.string().optional().describe('Format of the token. Both kinds need it.'),
  kid: z.string().optional().describe('Key of the token. Both kinds need it.'),
  reason: z.string().optional().describe('Why it failed. A rehydration_failed needs it.'),
});

/** An event as it was sent: any member is kept. */
export type SentEvent = Readonly<Record<string, unknown>>;

/** `POST /sessions/{session_id}/events` */
export const eventsBody = z.strictObject({
  events: z
    .array(
      z
        .custom<SentEvent>(isObject, 'must be an object')
        .meta({ ...z.toJSONSchema(event), $schema: undefined, title: 'Event' }),
      'must be a list of events',
    )
    .min(1, 'must have at least one event')
    .max(EVENTS_LIMIT, `must have at most ${EVENTS_LIMIT} events: send the rest after them`)
    .describe('Events in the order in which they happened.'),
});

export const appendedResponse = z.strictObject({
  appended: count.describe('Events that this request put into the log.'),
  already_there: count.describe('Events that were in it before, with the same content.'),
  size: count.describe('Entries of the log after the last of them.'),
  head_hash: z.string().describe('Hash of the chain at that entry, in hex.'),
});

const payload = (description: string) => z.unknown().optional().describe(`${description}: any JSON.`);

/** `POST /sessions/{session_id}/end` */
export const endBody = z.strictObject({
  ended_at: writtenTime('End of the session'),
  status: z
    .enum(SESSION_STATUSES, `must be one of ${SESSION_STATUSES.join(', ')}`)
    .describe('Outcome of the session.'),
  stage_durations_ms: pairsOf(
    z.number('must have numbers as values').nonnegative('must have no negative values'),
    'must be an object of numbers',
  )
    .optional()
    .meta({
      type: 'object',
      additionalProperties: { type: 'number', minimum: 0 },
      description: 'Latency of each stage, in milliseconds.',
    }),
  payloads: z
    .strictObject(
      {
        request: payload('Request that the proxy received'),
        masked: payload('Request that was sent to the model'),
        response: payload('Response that the caller got'),
      },
      'must be an object of request, masked and response',
    )
    .optional()
    .describe('What was said. Taken only where the policy has log_payloads: true.'),
});

export const endedResponse = z.strictObject({
  size: count.describe('Entries of the log.'),
  merkle_root_hex: z.string().describe('Merkle root over them (RFC 6962), in hex.'),
  seal: z.string().describe('The seal of the log, in hex.'),
});
