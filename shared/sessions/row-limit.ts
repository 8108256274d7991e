// How long a session may be as a line of an export, which an import reads.
import { canonicalize } from '../audit/canonical-json.ts';
import type { SessionPayloads } from './session.ts';

/** Most bytes of a row of a bundle. */
export const ROW_LIMIT = 8 * 1024 * 1024;

/** Bytes that all members of a session's row but payloads and stages stay below: names, ids, marks and short texts. */
const OTHER_MEMBERS = 64 * 1024;

/** Most bytes of payloads and stages together, in canonical JSON. */
export const END_LIMIT = ROW_LIMIT - OTHER_MEMBERS;

/**
 * Whether payloads and stages fit into a row. In canonical JSON, as rows have them, they may be several times as long as
 * they were sent: `1e20` has 21 digits.
 */
export function fitsRow(
  payloads: SessionPayloads | null,
  stageDurationsMs: readonly (readonly [string, number])[] = [],
): boolean {
  return byteLength(payloads) + byteLength(new Map(stageDurationsMs)) <= END_LIMIT;
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(canonicalize(value));
}
