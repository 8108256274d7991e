// The operator's own statement of the BAA chain, which every report shows as it stands.
import { closeSync, openSync, readSync } from 'node:fs';
import { decodeUtf8 } from '../audit/decode-utf8.ts';
import { findShapes } from './leak-shapes.ts';

/** Bytes of UTF-8. */
const BAA_CHAIN_LIMIT = 64 * 1024;

/** The file's text, or a problem to show the operator, which never quotes the file. */
export type BaaChain = { ok: true; text: string } | { ok: false; problem: string };

/**
 * Reads the file named by `BAA_CHAIN_FILE`: UTF-8 text, kept as it is but for a byte order mark. A text that the leak
 * scan would refuse in each report is refused here, where the operator sees it. Problems never quote the file.
 */
export function readBaaChain(file: string): BaaChain {
  const bytes = readAtMost(file, BAA_CHAIN_LIMIT + 1);
  if (bytes === null) return refuse('that cannot be read: check its path and that this user may read it');
  if (bytes.length > BAA_CHAIN_LIMIT) {
    return refuse(`larger than ${BAA_CHAIN_LIMIT / 1024} KiB: keep only what a report should state`);
  }
  const decoded = decodeUtf8(bytes);
  if (decoded === null) return refuse('that is not UTF-8: save it as UTF-8 text');
  const text = decoded.replace(/^\ufeff/, '');
  if (text.trim() === '') return refuse('that is empty: write the BAA chain into it, or unset the variable');
  const shapes = findShapes(text);
  if (shapes.length > 0) {
    return refuse(`with what looks like PHI (${shapes.join(', ')}), which no report may carry: take it out`);
  }
  return { ok: true, text };
}

function readAtMost(file: string, limit: number): Uint8Array | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = new Uint8Array(limit);
    let length = 0;
    for (let read = -1; read !== 0 && length < limit; length += read) {
      read = readSync(descriptor, bytes, length, limit - length, null);
    }
    return bytes.subarray(0, length);
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function refuse(what: string): BaaChain {
  return { ok: false, problem: `BAA_CHAIN_FILE names a file ${what}` };
}
