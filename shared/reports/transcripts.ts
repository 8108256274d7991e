// The logged request beside its masked form, path by path. The originals found here are PHI: they serve the leak scan
// and must never be written anywhere.
import { alignText } from './align-text.ts';
import { AlignWork } from './align-work.ts';

/** A text of the masked payload in which something was replaced. */
export type MaskedText = Readonly<{
  /** JSON pointer (RFC 6901) into the masked payload. */
  path: string;
  text: string;
}>;

/** The masked texts of a session's payloads, and the originals that masking replaced. */
export type Transcripts = Readonly<{
  /** Whether every text of the masked payload is certain to be the request's with stretches replaced. */
  aligned: boolean;
  /** By path: object members in UTF-16 order of their keys, array items in theirs. */
  maskedTexts: readonly MaskedText[];
  /** Whole stretches of the request that the masked payload replaced, without repeats. */
  originals: readonly string[];
  /** Texts, and tables of keys, that were not aligned to the end, because that would take too many steps. */
  overBound: number;
}>;

type Found = { aligned: boolean; maskedTexts: MaskedText[]; originals: Set<string>; work: AlignWork };

/**
 * Aligns two payloads, JSON values whose objects are Maps or plain objects. Payloads of which one is absent (null or
 * undefined) are unaligned and give no masked texts. Takes a number of steps that grows with their lengths alone, and
 * throws once `work` was told to stop; `work` may have counted others' before.
 */
export function alignTranscripts(request: unknown, masked: unknown, work = new AlignWork()): Transcripts {
  const found: Found = { aligned: true, maskedTexts: [], originals: new Set(), work };
  const before = work.overBound;
  alignValue(request ?? null, masked ?? null, '', found);
  const aligned = found.aligned && request != null && masked != null;
  const { maskedTexts, originals } = found;
  return { aligned, maskedTexts, originals: [...originals], overBound: work.overBound - before };
}

function alignValue(request: unknown, masked: unknown, path: string, found: Found): void {
  const [members, maskedMembers] = [membersOf(request), membersOf(masked)];
  if (Array.isArray(request) && Array.isArray(masked) && request.length === masked.length) {
    for (const [index, item] of request.entries()) alignValue(item, masked[index], `${path}/${index}`, found);
  } else if (members && maskedMembers) {
    alignMembers(members, maskedMembers, path, found);
  } else if (isLeaf(request) && isLeaf(masked)) {
    alignLeaf(request, masked, path, found);
  } else {
    alignNothing(request, masked, found);
  }
}

function alignMembers(
  request: ReadonlyMap<string, unknown>,
  masked: ReadonlyMap<string, unknown>,
  path: string,
  found: Found,
): void {
  for (const key of [...request.keys()].filter((name) => masked.has(name)).sort()) {
    alignValue(request.get(key), masked.get(key), `${path}/${escapePointer(key)}`, found);
  }
  const removed = [...request.keys()].filter((key) => !masked.has(key));
  const added = [...masked.keys()].filter((key) => !request.has(key));
  if (removed.length + added.length > 0) found.aligned = false;
  // A key that is gone without a new one was removed, which makes no original. Where new ones came, it was replaced.
  if (removed.length === 0 || added.length === 0) return;
  for (const key of removed) alignNothing(request.get(key), null, found);
  alignKeys(removed, added, found);
}

// To set up the search, however short the keys are.
const STEPS_A_KEY = 64;

/** Any new key may be the masked form of any old one. */
function alignKeys(removed: readonly string[], added: readonly string[], { originals, work }: Found): void {
  for (const key of [...removed, ...added]) work.allowFor(key.length);
  for (const key of removed) {
    for (const maskedKey of added) {
      if (!work.spend(STEPS_A_KEY + key.length + maskedKey.length)) {
        work.overBound += 1;
        return;
      }
      const aligned = alignText(key, maskedKey, work);
      for (const text of aligned.certain ? aligned.originals : []) originals.add(text);
    }
  }
}

function alignLeaf(request: Leaf, masked: Leaf, path: string, found: Found): void {
  if (request === masked) return;
  // Truth values and null identify nobody; a number can only have been replaced whole.
  const written = typeof request === 'string' || typeof request === 'number' ? String(request) : null;
  const maskedLength = typeof masked === 'string' ? masked.length : 0;
  found.work.allowFor((written?.length ?? 0) + maskedLength);
  const { certain, originals } =
    written !== null && typeof masked === 'string'
      ? alignText(written, masked, found.work)
      : { certain: false, originals: written === null ? [] : [written] };
  for (const text of originals) found.originals.add(text);
  if (!certain) found.aligned = false;
  else if (typeof masked === 'string') found.maskedTexts.push({ path, text: masked });
}

// Where shapes differ, nothing says what was replaced. Texts of several words that are gone are taken as originals;
// single words are not, or a role or a model's name would refuse an honest report.
function alignNothing(request: unknown, masked: unknown, found: Found): void {
  found.aligned = false;
  const kept = new Set(textsOf(masked));
  for (const text of textsOf(request)) {
    if (/\S\s+\S/.test(text) && !kept.has(text)) found.originals.add(text);
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return [...(membersOf(value)?.values() ?? [])].flatMap(textsOf);
}

type Leaf = string | number | boolean | null;

function isLeaf(value: unknown): value is Leaf {
  return value === null || typeof value !== 'object';
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value instanceof Map) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value));
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
