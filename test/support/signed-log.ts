// A log of an imaginary session in memory, signed the obvious way.
import { AGENT_ID, redactionAt, SESSION_ID } from './entries.ts';
import { naiveSign } from './naive-chain.ts';

export const KEY = new Uint8Array(32).fill(7);
export const LOG = { agentId: AGENT_ID, sessionId: SESSION_ID };

/** Redactions that follow each other, each with these members besides. */
export function writeLog(extras: readonly Record<string, unknown>[]): Buffer[] {
  let prevHash = '0'.repeat(64);
  return extras.map((extra, seq) => {
    const text = naiveSign(KEY, { ...redactionAt(seq, prevHash), ...extra });
    prevHash = (JSON.parse(text) as { this_hash: string }).this_hash;
    return Buffer.from(text);
  });
}

export function usualLog(size: number): Buffer[] {
  return writeLog(Array.from({ length: size }, () => ({})));
}

/** Entries end to end, as a segment has them. */
export function layOut(entries: readonly Uint8Array[]) {
  const ends: number[] = [];
  for (const { length } of entries) ends.push((ends.at(-1) ?? 0) + length);
  const begins = entries.map(({ length }, i) => (ends[i] as number) - length);
  return { bytes: Buffer.concat(entries), begins, ends };
}
