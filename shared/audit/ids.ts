// Identifiers: a prefix that names the kind of thing, `_`, then a ULID (github.com/ulid/spec): 26 digits of Crockford's
// base32.
import { randomFillSync } from 'node:crypto';
import { decodeTime, MAX_ULID, monotonicFactory, ulid } from 'ulid';
import { CROCKFORD_DIGIT } from './entry-grammar.ts';

/** The prefix of each kind of identifier, without the `_` that follows it. */
export const ID_PREFIXES = {
  account: 'acc',
  user: 'usr',
  token: 'tok',
  agent: 'agt',
  session: 'sess',
  event: 'evt',
  report: 'rep',
  request: 'req',
  webhook: 'whk',
  message: 'msg',
} as const;

/** A name in `ID_PREFIXES`. */
export type IdKind = keyof typeof ID_PREFIXES;

// Random numbers are drawn many at a time: the library's own source asks the system once a character, 0.1 ms an id.
const pool = new Uint32Array(256);
let left = 0;

/** From 0 up to, not including, 1; cryptographically strong. */
function random(): number {
  if (left === 0) {
    randomFillSync(pool);
    left = pool.length;
  }
  left -= 1;
  return (pool[left] as number) / 2 ** 32;
}

// Monotonic, so that ids of one thread sort within a millisecond.
const nextUlid = monotonicFactory(random);

/** A pattern for each kind that matches its identifiers and no other text. */
export const ID_PATTERNS = Object.fromEntries(
  Object.entries(ID_PREFIXES).map(([kind, prefix]) => [
    kind,
    new RegExp(`^${prefix}_${CROCKFORD_DIGIT}{26}$`),
  ]),
) as Record<IdKind, RegExp>;

/** A new identifier. `atMs` (Unix milliseconds) puts its time part in the past, for generated data. */
export function newId(kind: IdKind, atMs?: number): string {
  // The monotonic factory never goes back in time, so an id in the past is made without it.
  return `${ID_PREFIXES[kind]}_${atMs === undefined ? nextUlid() : ulid(atMs, random)}`;
}

/** Whether a value is an identifier of the kind: its prefix, `_` and a ULID in capitals. */
export function isId(kind: IdKind, value: unknown): value is string {
  return typeof value === 'string' && ID_PATTERNS[kind].test(value);
}

/** When an identifier was made, Unix milliseconds; null for one that no clock gave: its time part is over 48 bits. */
export function timeOfId(id: string): number | null {
  const ulidOfId = id.slice(id.indexOf('_') + 1);
  return ulidOfId > MAX_ULID ? null : decodeTime(ulidOfId);
}
