// Parses and checks rows of `agents.ndjson` and `sessions.ndjson`. A problem names a field and never shows a value.
import { z } from 'zod';
import {
  canonicalize,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { type IdKind, isId } from '../../shared/audit/ids.ts';
import { findInexactNumbers, type InexactNumbers } from '../../shared/audit/inexact-numbers.ts';
import { EXTERNAL_ID_LIMIT } from '../../shared/sessions/external-id.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { durationOf, SESSION_STATUSES, type SessionPayloads } from '../../shared/sessions/session.ts';
import { parseExactTime, TIME_FAULTS } from '../../shared/time/parse-time.ts';
import { NAME_LIMIT } from '../bundle/account-json.ts';
import { describeLineEncoding } from './encoding.ts';
import { nameSome, quoteName } from './problems.ts';

/** A row, or its problem, with the row's id where the rest of the row is at fault. */
export type Parsed<T> =
  | Readonly<{ ok: true; row: T }>
  | Readonly<{ ok: false; id: string | null; problem: string }>;

export type AgentRow = z.infer<typeof agentSchema>;
export type SessionRow = Omit<z.infer<typeof sessionSchema>, 'payloads'> & {
  payloads: SessionPayloads | null;
  stageDurationsMs: [string, number][];
};

export function parseAgentRow(bytes: Buffer | null): Parsed<AgentRow> {
  return parseRow(bytes, 'agent', (members) => ({
    result: agentSchema.safeParse(Object.fromEntries(members)),
    unknown: unknownIn(members, agentSchema),
  }));
}

export function parseSessionRow(bytes: Buffer | null): Parsed<SessionRow> {
  return parseRow(bytes, 'session', (members) => {
    const log = members.get('log');
    const stages = members.get('stage_durations_ms');
    const root = members.get('stored_root');
    const parsed = sessionSchema.safeParse({
      ...Object.fromEntries(members),
      log: log instanceof Map ? Object.fromEntries(log) : log,
      ...(root !== undefined && { stored_root: root instanceof Map ? Object.fromEntries(root) : root }),
      stage_durations_ms: stages instanceof Map ? [...stages] : null,
    });
    const unknown = [
      ...unknownIn(members, sessionSchema),
      ...(log instanceof Map ? unknownIn(log, sessionSchema.shape.log).map((name) => `log.${name}`) : []),
    ];
    if (!parsed.success) return { result: parsed, unknown };
    const { payloads, ...row } = parsed.data;
    const data = { ...row, payloads, stageDurationsMs: row.stage_durations_ms };
    return { result: { success: true, data }, unknown };
  });
}

/**
 * What is odd in a row's times, for warnings: the row is taken, since clocks that were wrong must cost no evidence. The
 * end stays as recorded, and the duration is derived whatever the row states.
 */
export function oddTimes({
  started_at: startedAt,
  ended_at: endedAt,
  duration_ms: stated,
}: SessionRow): string[] {
  const odd: string[] = [];
  if (endedAt && endedAt < startedAt) {
    odd.push('ended_at: is before started_at; it is kept as recorded, and the duration is 0');
  }
  const derived = durationOf({ startedAt, endedAt });
  if (derived !== null && stated !== null && Math.abs(stated - derived) > ROUNDING_MS) {
    odd.push('duration_ms: is not the time from started_at to ended_at, which is taken instead');
  }
  return odd;
}

/** An exporter may have rounded the duration, or cut it, apart from the two times. */
const ROUNDING_MS = 1;

type Result<T> = { success: true; data: T } | { success: false; error: z.ZodError };
/** `unknown` are members that no field of ours takes. */
type Checked<T> = { result: Result<T>; unknown: readonly string[] };

/** Names of members that the schema does not have. */
function unknownIn(members: JsonObject, { shape }: z.ZodObject): string[] {
  return [...members.keys()].filter((name) => !Object.hasOwn(shape, name));
}

function parseRow<T>(
  bytes: Buffer | null,
  kind: IdKind,
  check: (members: JsonObject) => Checked<T>,
): Parsed<T> {
  if (!bytes) return refuse(`longer than ${ROW_LIMIT} bytes`);
  const encoding = describeLineEncoding(bytes);
  if (encoding !== null) return refuse(encoding);
  const text = decodeUtf8(bytes);
  if (text === null) return refuse('not UTF-8');
  let members: JsonValue;
  try {
    members = parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return refuse(`not JSON: ${error.message}`);
    throw error;
  }
  if (!(members instanceof Map)) return refuse('not a JSON object');
  const named = members.get('id');
  const rowId = isId(kind, named) ? named : null;
  const { result, unknown } = check(members);
  if (!result.success) {
    const [issue] = result.error.issues;
    return refuse(`${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not valid'}`, rowId);
  }
  if (unknown.length > 0) {
    return refuse(`${LOSES_MEMBERS}: ${nameSome(new Set(unknown.map(quoteName)))}`, rowId);
  }
  const inexact = findInexactNumbers(text);
  if (inexact) return refuse(describeInexact(inexact), rowId);
  return { ok: true, row: result.data };
}

const LOSES_MEMBERS = 'holds members that are not known and would be lost; leave them out of the export';

function describeInexact({ count, offset }: InexactNumbers): string {
  const what =
    count === 1 ? 'a number that would be changed,' : `${count} numbers that would be changed, the first`;
  return `holds ${what} at offset ${offset}: write it as a string, or with no more digits than a double has`;
}

function refuse(problem: string, id: string | null = null): Parsed<never> {
  return { ok: false, id, problem };
}

const id = (kind: IdKind, prefix: string) =>
  z.string().refine((value) => isId(kind, value), `must be ${prefix}_ and 26 upper-case base32 characters`);
const whole = z.int('must be a whole number').nonnegative('must not be negative');
const name = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .max(NAME_LIMIT, `must have at most ${NAME_LIMIT} characters`);
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const time = z.string('must be a time').transform((text, context) => {
  const parsed = parseExactTime(text);
  if (parsed.ok) return parsed.time;
  context.addIssue(TIME_FAULTS[parsed.fault]);
  return z.NEVER;
});

const agentSchema = z.object({
  id: id('agent', 'agt'),
  account_id: id('account', 'acc'),
  name,
  policy_name: name,
});

/** As the API takes them. */
const METADATA_LIMIT = 16;
const PAYLOAD_NAMES = new Set(['request', 'masked', 'response']);

const sessionSchema = z
  .object({
    id: id('session', 'sess'),
    account_id: id('account', 'acc'),
    agent_id: id('agent', 'agt'),
    started_at: time,
    ended_at: time.nullable(),
    duration_ms: z.int('must be a whole number').nullable(),
    status: z.enum(SESSION_STATUSES, `must be one of ${SESSION_STATUSES.join(', ')}`),
    upstream_model: name,
    policy_name: name,
    policy_version: whole,
    stage_durations_ms: z.array(
      z.tuple([z.string(), z.number().nonnegative()]),
      'must be an object of durations',
    ),
    payloads: z.unknown().transform((value, context): SessionPayloads | null => {
      if (value === null || value === undefined) return null;
      const other =
        value instanceof Map && [...value.keys()].some((key) => !PAYLOAD_NAMES.has(key as string));
      if (other) {
        context.addIssue('holds a member besides request, masked and response, which would be lost');
        return z.NEVER;
      }
      if (value instanceof Map && canonicalize(value).length <= ROW_LIMIT) {
        return {
          request: value.get('request') ?? null,
          masked: value.get('masked') ?? null,
          response: value.get('response') ?? null,
        };
      }
      context.addIssue('must be null or an object of request, masked and response');
      return z.NEVER;
    }),
    log: z.object({
      size: whole,
      head_hash: hash,
      key_id: name,
      key_check: z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 lower-case hex digits'),
      seal: hash.nullable(),
    }),
    external_id: name
      .refine(
        (id) => Buffer.byteLength(id) <= EXTERNAL_ID_LIMIT,
        `must have at most ${EXTERNAL_ID_LIMIT} bytes`,
      )
      .optional(),
    metadata: z
      .unknown()
      .transform((value, context): [string, string][] => {
        const pairs = value instanceof Map ? [...value] : null;
        if (pairs?.every(([, text]) => typeof text === 'string') && pairs.length <= METADATA_LIMIT)
          return pairs;
        context.addIssue(`must be an object of at most ${METADATA_LIMIT} texts`);
        return z.NEVER;
      })
      .optional(),
    stored_root: z.strictObject({ root_hex: hash, size: whole }).optional(),
    /** Which entry of the account log of the same export is on it. */
    log_index: whole.optional(),
  })
  .refine((row) => row.log.seal === null || row.ended_at !== null, {
    path: ['log', 'seal'],
    message: 'a session that has not ended cannot be sealed',
  })
  .refine((row) => (row.ended_at === null) === (row.duration_ms === null), {
    path: ['duration_ms'],
    message: 'must be null if and only if ended_at is null',
  });
