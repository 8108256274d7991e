// The quick check of one stored entry: one pass over its bytes, without making a string, shows that they are a
// canonical, well-typed entry of the session in its most frequent form. It answers only "yes" or "cannot tell"; every
// entry that gets no yes goes through the full check, `readEntry`.
import { CROCKFORD_DIGIT, ENTITY_KIND_LIMIT } from './entry-grammar.ts';
import {
  confidence,
  literal,
  makeLiteral,
  makeTimestamp,
  plainText,
  span,
  toNumber,
  ulid,
  whole,
} from './scan-text.ts';

/** Offsets of an entry's parts in the scanned bytes. They mean nothing unless the scan said yes. */
export type ScannedEntry = {
  /** Whether the scan said yes. */
  isUsual: boolean;
  /** A redaction, or else a rehydration failure. */
  isRedaction: boolean;
  seq: number;
  entityKindBegin: number;
  entityKindEnd: number;
  /** Set for a redaction only. */
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
 * Returns a scan of `bytes[begin, end)`. The scan gives true, with `found` filled in, only for a canonical, well-typed
 * redaction or rehydration failure of this session in plain ASCII without unknown fields; false says nothing. It does
 * not look at the two hashes, since the chain check compares every digit of them.
 */
export function createEntryScanner(
  agentId: string,
  sessionId: string,
): (bytes: Buffer, begin: number, end: number, found: ScannedEntry) => boolean {
  const toMembers = makeLiteral(`{"agent_id":"${agentId}",`);
  const session = makeLiteral(`,"session_id":"${sessionId}"`);
  // Ids become part of the text to match: a string that is no id could bring in members of its own.
  const usable = isUlidOf('agt_', agentId) && isUlidOf('sess_', sessionId);
  const timestamp = makeTimestamp();
  let viewed: Buffer | null = null;
  let view: DataView = new DataView(new ArrayBuffer(0));

  return function scan(bytes, begin, end, found) {
    found.isUsual = false;
    if (!usable || end > bytes.length) return false;
    if (bytes !== viewed) {
      viewed = bytes;
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    let at = literal(view, begin, end, toMembers);
    const isRedaction = at >= 0 && bytes[at + 1] === LETTER_C;
    if (isRedaction) {
      at = literal(view, at, end, CONFIDENCE);
      at = confidence(bytes, at);
      at = literal(view, at, end, TO_ENTITY_KIND);
    } else {
      at = literal(view, at, end, ENTITY_KIND);
    }
    found.isRedaction = isRedaction;
    found.entityKindBegin = at;
    at = plainText(bytes, at);
    found.entityKindEnd = at;
    at = literal(view, at, end, TO_EVENT_ID);
    found.eventIdAt = at - 4;
    at = ulid(bytes, at);
    at = literal(view, at, end, TO_KID);
    at = plainText(bytes, at);
    if (isRedaction) {
      at = literal(view, at, end, TO_PASS);
      found.passBegin = at;
      at = plainText(bytes, at);
      found.passEnd = at;
    } else {
      at = literal(view, at, end, FAILURE_KIND);
    }
    at = literal(view, at, end, TO_PREV_HASH);
    found.prevHashAt = at;
    at = skipDigest(at);
    if (!isRedaction) {
      at = literal(view, at, end, TO_REASON);
      at = plainText(bytes, at);
    }
    at = literal(view, at, end, TO_SEQ);
    const seqAt = at;
    at = whole(bytes, at);
    found.seq = toNumber(bytes, seqAt, at);
    at = literal(view, at, end, session);
    if (isRedaction) {
      at = literal(view, at, end, TO_SPAN);
      at = span(bytes, at);
      at = literal(view, at, end, SPAN_TO_THIS_HASH);
    } else {
      at = literal(view, at, end, TO_THIS_HASH);
    }
    found.thisHashAt = at;
    at = skipDigest(at);
    at = literal(view, at, end, TO_TOKEN_KIND);
    at = plainText(bytes, at);
    at = literal(view, at, end, TO_TS);
    found.tsAt = at;
    at = timestamp(bytes, view, at, end);
    found.isUsual =
      at + 2 === end &&
      bytes[at] === QUOTE &&
      bytes[at + 1] === BRACE &&
      found.entityKindEnd - found.entityKindBegin <= ENTITY_KIND_LIMIT;
    return found.isUsual;
  };
}

/** A result for a scan to fill in; it says no. */
export function emptyScan(): ScannedEntry {
  return {
    isUsual: false,
    isRedaction: false,
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
}

const ULID = new RegExp(`^${CROCKFORD_DIGIT}{26}$`);

function isUlidOf(prefix: string, id: string): boolean {
  return id.startsWith(prefix) && ULID.test(id.slice(prefix.length));
}

function skipDigest(at: number): number {
  return at < 0 ? -1 : at + 64;
}

const LETTER_C = 0x63;
const QUOTE = 0x22;
const BRACE = 0x7d;

const CONFIDENCE = makeLiteral('"confidence":');
const TO_ENTITY_KIND = makeLiteral(',"entity_kind":"');
const ENTITY_KIND = makeLiteral('"entity_kind":"');
const TO_EVENT_ID = makeLiteral('","event_id":"evt_');
const TO_KID = makeLiteral('","kid":"');
const TO_PASS = makeLiteral('","kind":"redaction","pass":"');
const FAILURE_KIND = makeLiteral('","kind":"rehydration_failed');
const TO_PREV_HASH = makeLiteral('","prev_hash":"');
const TO_REASON = makeLiteral('","reason":"');
const TO_SEQ = makeLiteral('","seq":');
const TO_SPAN = makeLiteral(',"span":[');
const SPAN_TO_THIS_HASH = makeLiteral('],"this_hash":"');
const TO_THIS_HASH = makeLiteral(',"this_hash":"');
const TO_TOKEN_KIND = makeLiteral('","token_kind":"');
const TO_TS = makeLiteral('","ts":"');
