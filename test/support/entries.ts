// Entries of an imaginary session, as JSON values and as text, for tests that need no database.
import { ZERO_HASH_HEX } from '../../shared/audit/chain.ts';

export const AGENT_ID = 'agt_01KQGDBJ00Z1Y2KSAAE0CESPPX';
export const SESSION_ID = 'sess_01KQN06Z90QBJ5YSNCD158HJA7';
export const HASH = '8d086bcef6480cf989fba2a1bb3ee9088e3a724ce5624f004d26f31bb9e475a5';

/** A redaction's members as raw JSON text, in canonical order, so that a test can put anything in their places. */
export const RAW_REDACTION: Readonly<Record<string, string>> = {
  agent_id: `"${AGENT_ID}"`,
  confidence: '0.8',
  entity_kind: '"NAME"',
  event_id: '"evt_01KQN06Z9T2P39TYDZEHKA14SC"',
  kid: '"K_HEALTHCARE"',
  kind: '"redaction"',
  pass: '"gemma"',
  prev_hash: `"${ZERO_HASH_HEX}"`,
  seq: '0',
  session_id: `"${SESSION_ID}"`,
  span: '[389,396]',
  this_hash: `"${HASH}"`,
  token_kind: '"MSKV1"',
  ts: '"2026-05-02T18:46:30.458Z"',
};

export function writeRaw(members: Readonly<Record<string, string>>): string {
  const written = Object.entries(members).map(([name, value]) => `"${name}":${value}`);
  return `{${written.join(',')}}`;
}

/** A redaction's members as values, in the place and after the entry that are given. */
export function redactionAt(seq: number, prevHash: string = ZERO_HASH_HEX): Record<string, unknown> {
  return {
    ...(JSON.parse(writeRaw(RAW_REDACTION)) as Record<string, unknown>),
    seq,
    prev_hash: prevHash,
  };
}
