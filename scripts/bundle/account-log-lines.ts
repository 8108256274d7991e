// An account log as lines of `account-log.ndjson`: its last checkpoint, then its segments in order, each with the
// signature that it is stored with. Tiles are made of them again.
import { z } from 'zod';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import type { SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import type { LogSegment } from '../../shared/transparency/log-segments.ts';
import { readPlainJson } from './plain-json.ts';

const time = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text));

const checkpointSchema = z.strictObject({
  checkpoint: z.strictObject({
    size: z.int().nonnegative(),
    root_hex: z.string(),
    note: z.string(),
    signed_at: time,
    cosignatures: z.array(z.strictObject({ name: z.string(), line: z.string(), at: time })),
  }),
});

const segmentSchema = z.strictObject({
  index: z.int().nonnegative(),
  entries: z.array(z.string()).min(1),
  signature: z.base64(),
});

/** A line as it is read; null for one of another form. */
export type LogLine =
  | Readonly<{ checkpoint: SignedCheckpoint }>
  | (LogSegment & Readonly<{ checkpoint?: undefined }>)
  | null;

export function checkpointLine({ size, rootHex, note, signedAt, cosignatures }: SignedCheckpoint): string {
  return canonicalize({
    checkpoint: {
      size,
      root_hex: rootHex,
      note,
      signed_at: signedAt.toISOString(),
      cosignatures: cosignatures.map(({ name, line, at }) => ({ name, line, at: at.toISOString() })),
    },
  });
}

export function segmentLine({ index, entries, signature }: LogSegment): string {
  return canonicalize({
    index,
    entries: entries.map((entry) => entry.toString()),
    signature: Buffer.from(signature ?? []).toString('base64'),
  });
}

export function parseLogLine(line: Buffer): LogLine {
  const json = readPlainJson(line);
  if (!json.ok) return null;
  const { value } = json;
  const head = checkpointSchema.safeParse(value);
  if (head.success) {
    const { size, root_hex: rootHex, note, signed_at: signedAt, cosignatures } = head.data.checkpoint;
    return { checkpoint: { size, rootHex, note, signedAt, cosignatures } };
  }
  const segment = segmentSchema.safeParse(value);
  if (!segment.success) return null;
  const { index, entries, signature } = segment.data;
  return {
    index,
    entries: entries.map((entry) => Buffer.from(entry)),
    signature: Buffer.from(signature, 'base64'),
  };
}
