// The quick check of one stored entry: whether its bytes are the usual redaction entry of one session, canonical and
// well typed, found in a single pass without making a string. It only ever says "yes" or "cannot tell"; the full
// check is `readEntry`, which every other entry goes through. Imports nothing of ours.

const ENTITY_KIND_LIMIT = 128;

/** Where the parts of the entry found last stand, as offsets into its bytes. */
export type ScannedEntry = {
  seq: number;
  entityKindBegin: number;
  entityKindEnd: number;
  passBegin: number;
  passEnd: number;
  /** First of 30 characters. */
  eventIdAt: number;
  /** First of 64 hex digits. */
  prevHashAt: number;
  thisHashAt: number;
  /** First of 24 characters. */
  tsAt: number;
};

/**
 * Returns a scan of `bytes[begin, end)`: true, with `found` filled, only if that is exactly a canonical, well-typed
 * redaction entry of this session in plain ASCII without unknown fields; false says nothing.
 */
export function createEntryScanner(
  agentId: string,
  sessionId: string,
): { found: ScannedEntry; scan(bytes: Uint8Array, begin: number, end: number): boolean } {
  // Ids are built into what is matched: one that is none could smuggle in members of its own.
  const usable = isUlidOf('agt_', agentId) && isUlidOf('sess_', sessionId);
  const toConfidence = ascii(`{"agent_id":"${agentId}","confidence":`);
  const toSpan = ascii(`,"session_id":"${sessionId}","span":[`);
  const found: ScannedEntry = {
    seq: 0,
    entityKindBegin: 0,
    entityKindEnd: 0,
    passBegin: 0,
    passEnd: 0,
    eventIdAt: 0,
    prevHashAt: 0,
    thisHashAt: 0,
    tsAt: 0,
  };

  function scan(bytes: Uint8Array, begin: number, end: number): boolean {
    let at = usable ? literal(bytes, begin, toConfidence) : -1;
    at = confidence(bytes, at);
    at = literal(bytes, at, TO_ENTITY_KIND);
    found.entityKindBegin = at;
    at = plainText(bytes, at);
    found.entityKindEnd = at;
    at = literal(bytes, at, TO_EVENT_ID);
    found.eventIdAt = at - 4;
    at = run(bytes, at, CROCKFORD, 26);
    at = literal(bytes, at, TO_KID);
    at = plainText(bytes, at);
    at = literal(bytes, at, TO_PASS);
    found.passBegin = at;
    at = plainText(bytes, at);
    found.passEnd = at;
    at = literal(bytes, at, TO_PREV_HASH);
    found.prevHashAt = at;
    at = skip(at, 64);
    at = literal(bytes, at, TO_SEQ);
    const seqAt = at;
    at = whole(bytes, at);
    found.seq = toNumber(bytes, seqAt, at);
    at = literal(bytes, at, toSpan);
    at = span(bytes, at);
    at = literal(bytes, at, TO_THIS_HASH);
    found.thisHashAt = at;
    at = skip(at, 64);
    at = literal(bytes, at, TO_TOKEN_KIND);
    at = plainText(bytes, at);
    at = literal(bytes, at, TO_TS);
    found.tsAt = at;
    at = timestamp(bytes, at);
    at = literal(bytes, at, CLOSE);
    return at === end && found.entityKindEnd - found.entityKindBegin <= ENTITY_KIND_LIMIT;
  }

  return { found, scan };
}

// Each of these takes a position and returns the one after what it matched, or -1, which passes through the rest.

function literal(bytes: Uint8Array, at: number, expected: Uint8Array): number {
  if (at < 0) return -1;
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return -1;
  return at + expected.length;
}

function run(bytes: Uint8Array, at: number, chars: Uint8Array, length: number): number {
  if (at < 0) return -1;
  for (let i = at; i < at + length; i += 1) if (chars[bytes[i] as number] !== 1) return -1;
  return at + length;
}

/** The two hashes are not looked at here: the chain check that follows compares every digit. */
function skip(at: number, length: number): number {
  return at < 0 ? -1 : at + length;
}

/** Printable ASCII without quote or backslash; what follows must be checked by the caller. */
function plainText(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (PLAIN[bytes[at] as number] === 1) at += 1;
  return at;
}

/** A whole number of at most 15 digits without a leading zero. */
function whole(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  let at = begin;
  while (DIGIT[bytes[at] as number] === 1) at += 1;
  const digits = at - begin;
  return digits === 0 || digits > 15 || (digits > 1 && bytes[begin] === ZERO) ? -1 : at;
}

function toNumber(bytes: Uint8Array, begin: number, end: number): number {
  let value = 0;
  for (let i = begin; i < end; i += 1) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}

/**
 * 0, 1 or 0.d…d as RFC 8785 prints it. A decimal of at most 15 significant digits prints as it was read; one below
 * 10⁻⁶ would print with an exponent.
 */
function confidence(bytes: Uint8Array, begin: number): number {
  if (begin < 0) return -1;
  if (bytes[begin] === ZERO + 1) return begin + 1;
  if (bytes[begin] !== ZERO) return -1;
  if (bytes[begin + 1] !== DOT) return begin + 1;
  let at = begin + 2;
  while (bytes[at] === ZERO) at += 1;
  if (at - begin - 2 > 5) return -1;
  while (DIGIT[bytes[at] as number] === 1) at += 1;
  const digits = at - begin - 2;
  return digits === 0 || digits > 15 || bytes[at - 1] === ZERO ? -1 : at;
}

/** `begin,end` with begin ≤ end. */
function span(bytes: Uint8Array, begin: number): number {
  const comma = whole(bytes, begin);
  if (comma < 0 || bytes[comma] !== COMMA) return -1;
  const end = whole(bytes, comma + 1);
  if (end < 0 || toNumber(bytes, begin, comma) > toNumber(bytes, comma + 1, end)) return -1;
  return end;
}

/** `YYYY-MM-DDThh:mm:ss.mmmZ`; days 29 to 31 are left to the full check, which knows the months. */
function timestamp(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  for (let i = 0; i < TS_SHAPE.length; i += 1) {
    const byte = bytes[at + i] as number;
    if (TS_SHAPE[i] === ZERO ? DIGIT[byte] !== 1 : byte !== TS_SHAPE[i]) return -1;
  }
  const month = toNumber(bytes, at + 5, at + 7);
  const day = toNumber(bytes, at + 8, at + 10);
  if (month < 1 || month > 12 || day < 1 || day > 28 || toNumber(bytes, at + 11, at + 13) > 23) return -1;
  if (toNumber(bytes, at + 14, at + 16) > 59 || toNumber(bytes, at + 17, at + 19) > 59) return -1;
  return at + TS_SHAPE.length;
}

const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;

const TO_ENTITY_KIND = ascii(',"entity_kind":"');
const TO_EVENT_ID = ascii('","event_id":"evt_');
const TO_KID = ascii('","kid":"');
const TO_PASS = ascii('","kind":"redaction","pass":"');
const TO_PREV_HASH = ascii('","prev_hash":"');
const TO_SEQ = ascii('","seq":');
const TO_THIS_HASH = ascii('],"this_hash":"');
const TO_TOKEN_KIND = ascii('","token_kind":"');
const TO_TS = ascii('","ts":"');
const CLOSE = ascii('"}');
const TS_SHAPE = ascii('0000-00-00T00:00:00.000Z');

const DIGIT = charClass(/[0-9]/);
const CROCKFORD = charClass(/[0-9A-HJKMNP-TV-Z]/);
const PLAIN = charClass(/[ !#-[\]-~]/);

function isUlidOf(prefix: string, id: string): boolean {
  return id.startsWith(prefix) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id.slice(prefix.length));
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function charClass(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) =>
    code < 128 && pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}
