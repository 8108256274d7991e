// The errors that a route can answer: those that its spec lists, and those that follow from the rest of it.
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../../shared/errors/app-error.ts';
import { type AnswerHeader, LOGIN_HEADERS } from '../answer-headers.ts';
import { errorEnvelope } from '../error-envelope.ts';
import { CONNECTION_ERRORS, REASON_TABLE, SENT_ERRORS, type SentCode } from '../error-table.ts';
import type { RouteSpec } from '../route-spec.ts';
import { type JsonSchema, mapSchema, toJsonSchema } from './json-schema.ts';

/** The codes, in the order of the table. */
export function errorCodesOf(route: RouteSpec): SentCode[] {
  const codes = new Set<SentCode>([...route.errors, 'overloaded', 'unavailable', 'internal_error']);
  if (route.permission !== 'public') codes.add('unauthenticated').add('rate_limited');
  const isGuarded = route.permission !== 'public' && route.permission !== 'login';
  // A page of another host may send no change, and none that records.
  if (isGuarded || route.method !== 'get' || route.records) codes.add('forbidden');
  if (!(route.query.def.catchall instanceof z.ZodUnknown)) codes.add('validation_failed');
  if (route.body) codes.add('validation_failed').add('body_too_large').add('unsupported_media_type');
  const connection = Object.keys(CONNECTION_ERRORS) as SentCode[];
  return [...ERROR_CODES.filter((code) => codes.has(code)), ...connection];
}

/** Codes that no route answers, but a path or a method that is none of theirs. */
export const UNROUTED_CODES = ['not_found', 'method_not_allowed'] as const satisfies readonly ErrorCode[];

/** The codes of each status that has some. */
export function byStatus(codes: readonly SentCode[]): ReadonlyMap<number, readonly SentCode[]> {
  const found = new Map<number, SentCode[]>();
  for (const code of codes) {
    const { status } = SENT_ERRORS[code];
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}

/** The name of the answer under `components/responses`: `SessionNotFound_NotLoggedYet`. */
export function answerName(codes: readonly SentCode[]): string {
  return codes
    .map((code) => code.replaceAll(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase()))
    .join('_');
}

const EXAMPLE_ID = 'req_01KQGDBJ00Z4M8T6XJ3V5C9R2N';

/** An answer with one of these codes, which have one status. */
export function errorAnswer(codes: readonly SentCode[]) {
  const isOfLogin = codes.some((code) => code !== 'unauthenticated' && !(code in CONNECTION_ERRORS));
  const headers: AnswerHeader[] = [
    'X-Request-Id',
    ...codes.flatMap(headersOf),
    ...(isOfLogin ? LOGIN_HEADERS : []),
  ];
  return {
    description: codes.map(describe).join('\n\n'),
    headers: Object.fromEntries(
      [...new Set(headers)].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    content: {
      'application/json': {
        schema: errorSchema(codes),
        examples: errorExamples(codes),
      },
    },
  };
}

/** Codes whose answers name what is at fault, or differs from what is stored. */
const WITH_PARAM: readonly SentCode[] = [
  'validation_failed',
  'session_conflict',
  'event_conflict',
  'session_closed',
];

/** The envelope with one of these codes, and with the members that these codes have. */
export function errorSchema(codes: readonly SentCode[]): JsonSchema {
  return mapSchema(toJsonSchema(errorEnvelope, 'output'), (node) => {
    const { code, param, reason, ...fields } = (node.properties ?? {}) as Record<string, JsonSchema>;
    if (!code) return node;
    const properties = {
      code: { ...code, enum: codes },
      ...fields,
      ...(codes.some((one) => WITH_PARAM.includes(one)) && { param }),
      ...(codes.includes('report_generation_failed') && { reason }),
    };
    return { ...node, properties };
  });
}

function describe(code: SentCode): string {
  const { meaning, remedy } = SENT_ERRORS[code];
  return `\`${code}\`: ${meaning} ${remedy}`;
}

/** Codes whose answers may say when to try again. */
const RETRIED: readonly SentCode[] = [
  'not_logged_yet',
  'report_not_ready',
  'rate_limited',
  'overloaded',
  'unavailable',
  'report_generation_failed',
];

function headersOf(code: SentCode): AnswerHeader[] {
  if (code === 'unauthenticated') return ['WWW-Authenticate'];
  if (code === 'range_not_satisfiable') return ['Content-Range'];
  return RETRIED.includes(code) ? ['Retry-After'] : [];
}

/** One a code. */
export function errorExamples(codes: readonly SentCode[]): object {
  return Object.fromEntries(
    codes.map((code) => [code, { summary: SENT_ERRORS[code].meaning, value: exampleOf(code) }]),
  );
}

function exampleOf(code: SentCode) {
  const { message, meaning } = SENT_ERRORS[code];
  return {
    error: {
      code,
      message: message ?? meaning,
      request_id: EXAMPLE_ID,
      ...(code === 'validation_failed' && {
        param: 'limit',
        message: 'limit must be given once, a whole number from 1 to 100.',
      }),
      ...(code === 'report_generation_failed' && { reason: 'key_missing' }),
    },
  };
}

/** What `x-errors` says of every code, for programs. */
export const ERROR_LIST = Object.entries(SENT_ERRORS).map(([code, { status, meaning, remedy }]) => ({
  code,
  status,
  meaning,
  remedy,
}));

/** What `x-report-failure-reasons` says of every `reason`. */
export const REASON_LIST = Object.entries(REASON_TABLE).map(([reason, row]) => ({ reason, ...row }));
