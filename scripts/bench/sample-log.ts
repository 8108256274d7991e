// A realistic log, made by the program's own signing code and laid out as it is stored.
import { BSON } from 'mongodb';
import { type AuditKeyBytes, createAuditKey } from '../../shared/audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { WalkedLog } from '../../shared/audit/log-walker.ts';
import { SEGMENT_SIZE, segmentId } from '../../shared/log-store/segment.ts';
import { type EventDraft, identify, signEntries } from '../../shared/log-writer/draft.ts';

export type SampleLog = Readonly<{
  log: WalkedLog;
  keyBytes: Uint8Array;
  /** Each entry's canonical text. */
  texts: readonly string[];
  /** The entries as raw BSON segment documents. */
  segments: readonly Uint8Array[];
}>;

export const SAMPLE_KEY: AuditKeyBytes = { id: 'k_bench', bytes: new Uint8Array(32).fill(0xb5) };

export function makeSampleLog(size: number): SampleLog {
  const log = { agentId: newId('agent'), sessionId: newId('session') };
  const key = createAuditKey(SAMPLE_KEY);
  const events = Array.from({ length: size }, (_, i) => identify(draftEvent(i)));
  const { texts } = signEntries(log, key, 0, ZERO_HASH_HEX, events);
  return { log, keyBytes: SAMPLE_KEY.bytes, texts, segments: packSegments(log.sessionId, texts) };
}

const PASSES = ['gemma', 'regex', 'regex', 'gemma', 'diarize'];
const ENTITY_KINDS = [
  ...['NAME', 'NAME', 'ACCOUNT', 'MRN', 'SSN', 'DOB'],
  ...['IP_ADDRESS', 'PHONE', 'EMAIL', 'ADDRESS'],
];
/** One event in 87 is a rehydration failure, as in a typical clinic's week. */
const FAILURE_EVERY = 87;

/** The `i`th event of a log: the same at every run but for its id and time. */
export function draftEvent(i: number): EventDraft {
  const entity_kind = ENTITY_KINDS[(i * 7) % ENTITY_KINDS.length] as string;
  const token = { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };
  if (i % FAILURE_EVERY === FAILURE_EVERY - 1) {
    return { kind: 'rehydration_failed', entity_kind, reason: 'token not found in vault', ...token };
  }
  const begin = (i * 31) % 4000;
  return {
    kind: 'redaction',
    pass: PASSES[i % PASSES.length] as string,
    entity_kind,
    span: [begin, begin + 4 + (i % 28)],
    confidence: (500 + ((i * 37) % 500)) / 1000,
    ...token,
  };
}

function packSegments(sessionId: string, texts: readonly string[]): Uint8Array[] {
  const accountId = newId('account');
  return Array.from({ length: Math.ceil(texts.length / SEGMENT_SIZE) }, (_, index) => {
    const entries = texts.slice(index * SEGMENT_SIZE, (index + 1) * SEGMENT_SIZE);
    return BSON.serialize({ _id: segmentId(accountId, sessionId, index), entries });
  });
}
