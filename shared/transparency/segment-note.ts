// What the signature on a segment covers. It tells entries that a holder of the log's key appended from those that
// somebody wrote into the database, before a checkpoint would cover both.
import { computeRoot } from '../merkle/root.ts';
import { isSignature } from './ed25519.ts';
import { encodeBase64 } from './exact-text.ts';
import { type LogIdentity, logKeys, logOrigin } from './log-origin.ts';
import type { LogSegment } from './log-segments.ts';

/**
 * The signed bytes: five lines, `masker-evidence/segment/v1`, origin, index of the segment, entries in it, RFC 6962 root
 * over them in base64. The first line cannot be an origin, so that this is never taken for a checkpoint.
 */
export function segmentText(
  identity: LogIdentity,
  accountId: string,
  { index, entries }: Pick<LogSegment, 'index' | 'entries'>,
): Uint8Array {
  const root = encodeBase64(computeRoot(entries));
  const lines = ['masker-evidence/segment/v1', logOrigin(identity, accountId), index, entries.length, root];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/** Whether one of the log's keys has signed the segment as it stands. An empty segment needs no signature. */
export function isSegmentSigned(identity: LogIdentity, accountId: string, segment: LogSegment): boolean {
  if (segment.entries.length === 0) return true;
  const { signature } = segment;
  if (!signature) return false;
  const text = segmentText(identity, accountId, segment);
  return logKeys(identity, accountId).some((key) => isSignature(key.publicKey, text, signature));
}
