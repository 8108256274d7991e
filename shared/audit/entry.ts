// The full check of one stored entry, audit-format "Entry". Slow and simple; most entries pass the quick check of
// `scan-entry` and never come here.

import { findImpossiblePart, type TimeParts } from './calendar.ts';
import { canonicalize, JsonError, type JsonObject, type JsonValue, parseJson } from './canonical-json.ts';
import { ENTRY_LIMIT } from './chain.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { ENTITY_KIND_LIMIT } from './entry-grammar.ts';
import { isHashHex } from './hash-hex.ts';
import { isId } from './ids.ts';

/** An entry whose fields have the types of audit-format "Entry". Hashes are 64 lower-case hex digits, not verified. */
export type Entry = Readonly<{
  seq: number;
  ts: string;
  eventId: string;
  sessionId: string;
  agentId: string;
  kind: string;
  pass: string | null;
  entityKind: string | null;
  prevHashHex: string;
  thisHashHex: string;
  /** Every top-level member, known or not. */
  members: JsonObject;
}>;

/** The `kind` of an entry: a stretch of text was masked. */
export const REDACTION = 'redaction';
/** The `kind` of an entry: a token in a reply could not be turned back. */
export const REHYDRATION_FAILED = 'rehydration_failed';
/** The `kind` of an entry: another policy came into force. */
export const POLICY_RELOADED = 'policy_reloaded';

/**
 * Reads one entry's bytes. Null if it is malformed: longer than `ENTRY_LIMIT`, not canonical JSON (RFC 8785), or with a
 * field that is missing or ill typed.
 */
export function readEntry(bytes: Uint8Array): Entry | null {
  if (bytes.length > ENTRY_LIMIT) return null;
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  try {
    const members = parseJson(text);
    if (!(members instanceof Map) || canonicalize(members) !== text) return null;
    return readMembers(members);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

/** Reads an entry's members, in any order. Null if a field is missing or ill typed. */
export function readMembers(members: JsonObject): Entry | null {
  if (findBadField(members) !== null) return null;
  return {
    seq: members.get('seq') as number,
    ts: members.get('ts') as string,
    eventId: members.get('event_id') as string,
    sessionId: members.get('session_id') as string,
    agentId: members.get('agent_id') as string,
    kind: members.get('kind') as string,
    pass: (members.get('pass') as string | undefined) ?? null,
    entityKind: (members.get('entity_kind') as string | undefined) ?? null,
    prevHashHex: members.get('prev_hash') as string,
    thisHashHex: members.get('this_hash') as string,
    members,
  };
}

/** The first field that is ill typed, else the first that is missing; null for an entry as the format has it. */
export function findBadField(members: JsonObject): string | null {
  for (const [name, check] of Object.entries(FIELDS)) {
    const value = members.get(name);
    if (value !== undefined && !check(value)) return name;
  }
  const kind = members.get('kind') as string | undefined;
  const required = [...ALWAYS, ...((kind === undefined ? undefined : BY_KIND.get(kind)) ?? [])];
  return required.find((name) => !members.has(name)) ?? null;
}

/** The text that the chain signs: the entry in canonical form without `prev_hash` and `this_hash`. */
export function unsignedText(members: JsonObject): string {
  const unsigned = new Map(members);
  unsigned.delete('prev_hash');
  unsigned.delete('this_hash');
  return canonicalize(unsigned);
}

type Check = (value: JsonValue) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isPosition = (value: JsonValue): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

const FIELDS: Readonly<Record<string, Check>> = {
  seq: isPosition,
  ts: isTimestamp,
  event_id: (value) => isId('event', value),
  session_id: (value) => isId('session', value),
  agent_id: (value) => isId('agent', value),
  kind: isText,
  pass: isText,
  entity_kind: (value) => typeof value === 'string' && Buffer.byteLength(value) <= ENTITY_KIND_LIMIT,
  span: isSpan,
  confidence: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  token_kind: isText,
  kid: isText,
  reason: isText,
  prev_hash: isHashHex,
  this_hash: isHashHex,
};

const ALWAYS = ['seq', 'ts', 'event_id', 'session_id', 'agent_id', 'kind', 'prev_hash', 'this_hash'];
const BY_KIND = new Map([
  [REDACTION, ['pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid']],
  [REHYDRATION_FAILED, ['entity_kind', 'reason', 'token_kind', 'kid']],
]);

function isTimestamp(value: JsonValue): boolean {
  const match = typeof value === 'string' && TIMESTAMP.exec(value);
  if (!match) return false;
  return findImpossiblePart(...(match.slice(1).map(Number) as TimeParts)) === null;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z$/;

function isSpan(value: JsonValue): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [begin, end] = value as [JsonValue, JsonValue];
  return isPosition(begin) && isPosition(end) && begin <= end;
}
