// Where an account's record ends, whatever somebody else put among its rows. The newest row tells, where our key signed it:
// one read. Otherwise rows that no append of ours made may stand anywhere, in any number, and a bounded search goes round
// them. Each end that it gives is a free place, so that appending goes on.
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { isHashHex } from '../audit/hash-hex.ts';
import type { AccessRepository, AccessTail } from './access-repository.ts';
import { accessSeqOf, readStoredAccess, type StoredAccess } from './access-row.ts';
import { judgeRow } from './judge-row.ts';

type TailDeps = Readonly<{
  rows: Pick<AccessRepository, 'listNewest' | 'findPlaces'>;
  keyring: Parameters<typeof judgeRow>[0];
}>;

type Places = ReadonlyMap<number, StoredAccess>;

/** Tells which of some places, in ascending order, hold what is looked for. */
type Holds = (places: readonly number[]) => Promise<(place: number) => boolean>;

/** No search looks behind it: a record of a trillion rows has never been written. */
const PLACES = 2 ** 40;
/** Newest rows among which a signed one is looked for. */
const WINDOW = 64;
/** Places that are asked for at once, and those among which each is looked at. */
const FAN = 32;
const LEAF = 64;

/**
 * The end of the account's record: behind the newest row that a key of ours signed, and behind whatever stands in the places
 * that follow it without a gap. Such a row counts, since whoever walks the record finds it there, and nothing is ever
 * written over. In a record without signed rows, a row that is chained to the one before it is taken for a true one.
 */
export async function findAccessTail({ rows, keyring }: TailDeps, accountId: string): Promise<AccessTail> {
  const read = async (places: readonly number[]) =>
    byPlace(accountId, await rows.findPlaces(accountId, places));
  const rowAt = (places: Places, seq: number) => {
    const row = readStoredAccess(places.get(seq) ?? {});
    return row?.account === accountId ? row : null;
  };
  const isSigned = (places: Places, seq: number) => {
    const row = rowAt(places, seq);
    return row !== null && judgeRow(keyring, row) === 'valid';
  };
  const isTrue = (places: Places, seq: number) => {
    const row = rowAt(places, seq);
    const signature = row && judgeRow(keyring, row);
    if (row === null || signature === 'false') return false;
    const before = seq === 0 ? ZERO_HASH_HEX : places.get(seq - 1)?.this_hash;
    return signature === 'valid' || row.prevHashHex === before;
  };

  for (const limit of [1, WINDOW]) {
    const newest = await rows.listNewest(accountId, limit);
    if (newest.length === 0) return { size: 0, hashHex: ZERO_HASH_HEX };
    const found = byPlace(accountId, newest);
    const signed = [...found.keys()].find((seq) => isSigned(found, seq));
    if (signed !== undefined) return endBehind(found, signed);
  }

  const after = await narrow(-1, async (places) => {
    const found = await read(places.flatMap((seq) => (seq === 0 ? [0] : [seq - 1, seq])));
    return (seq) => isTrue(found, seq);
  });
  const near = range(Math.max(0, after), 2 * LEAF);
  const found = await read(near);
  const last =
    near.findLast((seq) => isSigned(found, seq)) ?? near.findLast((seq) => isTrue(found, seq)) ?? after;
  const end = endBehind(found, last);
  if (end.size <= (near.at(-1) as number)) return end;

  const follows = await narrow(end.size - 1, async (places) => {
    const there = await read(places);
    return (seq) => there.has(seq);
  });
  return endBehind(await read(range(follows, 2 * LEAF)), follows);
}

/**
 * A place from `from` on that holds what is looked for, at most `LEAF` before one that does not; `from` itself counts as one
 * that does. Asks for places at random: nobody can put rows there that he does not put everywhere.
 */
async function narrow(from: number, holds: Holds): Promise<number> {
  let [low, high] = [from, from + PLACES];
  let places = distances().map((distance) => from + distance);
  while (high - low > LEAF) {
    const isHeld = await holds(places);
    const at = places.findIndex((place) => !isHeld(place));
    high = at === -1 ? high : (places[at] as number);
    low = (at === -1 ? places.at(-1) : places[at - 1]) ?? low;
    const step = (high - low) / FAN;
    places = Array.from({ length: FAN - 1 }, (_, i) => low + Math.ceil(step * (i + 0.5 + Math.random())));
  }
  return low;
}

function byPlace(accountId: string, stored: readonly StoredAccess[]): Places {
  return new Map(
    stored.flatMap((row) => {
      const seq = accessSeqOf(row._id, accountId);
      return seq === null ? [] : [[seq, row] as const];
    }),
  );
}

/** 1, and one distance between each power of two and the next. */
function distances(): number[] {
  const between: number[] = [];
  for (let power = 1; power < PLACES; power *= 2) between.push(power + Math.floor(Math.random() * power));
  return between;
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** The first free place behind a row. The row before it may be no row of ours: it is chained to by the hash that it names. */
function endBehind(places: Places, seq: number): AccessTail {
  let size = seq + 1;
  while (places.has(size)) size += 1;
  const hashHex = places.get(size - 1)?.this_hash;
  return { size, hashHex: isHashHex(hashHex) ? hashHex : ZERO_HASH_HEX };
}
