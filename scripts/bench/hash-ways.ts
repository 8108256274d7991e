// Ways to check and hash a log, timed against each other. Each checks every link and HMAC and computes the Merkle root;
// `limit` alone checks nothing and only makes the hash calls. `ours` also checks that each entry is canonical, well
// typed and of this session, and counts it.
import { createHash, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ChainHasher, ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { readSegment } from '../../shared/log-store/segment.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import type { SampleLog } from './sample-log.ts';
import { rootOfMerkletreejs } from './tree-ways.ts';

export type LogHashes = Readonly<{ rootHex: string; headHashHex: string }>;

export const WAY_NAMES = ['ours', 'obvious', 'obviousWithKeyObject', 'obviousWithPackage', 'limit'] as const;
export type WayName = (typeof WAY_NAMES)[number];

/** Ways to check a log of at least one entry. Each throws if a check fails. */
export function hashWays(sample: SampleLog): Record<WayName, () => LogHashes> {
  const hasher = new ChainHasher(sample.keyBytes);
  const keyObject = createSecretKey(sample.keyBytes);
  const inputs = collectInputs(sample);
  return {
    ours: () => walkStored(sample, hasher),
    obvious: () => checkObviously(sample, sample.keyBytes, rootOfLevels),
    obviousWithKeyObject: () => checkObviously(sample, keyObject, rootOfLevels),
    obviousWithPackage: () => checkObviously(sample, sample.keyBytes, rootOfMerkletreejs),
    limit: () => hashOnly(inputs),
  };
}

/** The program's own walk, over segments as they are stored. */
function walkStored({ log, segments }: SampleLog, hasher: ChainHasher): LogHashes {
  const walker = new LogWalker(log, hasher);
  for (const document of segments) {
    const { bytes, begins, ends } = readSegment(document).open();
    const fault = walker.stepAll(bytes, begins, ends);
    if (fault) throw new Error(`The walk found entry ${fault.seq} ${fault.fault}`);
  }
  const { headHashHex, range } = walker.finish();
  const tree = new CompactRange();
  tree.append(range);
  return { rootHex: tree.rootHex(), headHashHex };
}

type StoredEntry = { seq: number; prev_hash: string; this_hash: string };

/** The obvious way, as a first version would be. It gets texts: reading them out of the segments is not timed. */
export function checkObviously(
  { texts }: Pick<SampleLog, 'texts'>,
  key: Uint8Array | KeyObject,
  rootOf: (leaves: readonly Buffer[]) => string,
): LogHashes {
  let headHashHex = ZERO_HASH_HEX;
  const leaves = texts.map((text, seq) => {
    const entry = JSON.parse(text) as StoredEntry;
    const { prev_hash, this_hash, ...unsigned } = entry;
    const hmac = createHmac('sha256', key);
    hmac.update(Buffer.from(prev_hash, 'hex'));
    hmac.update(canonicalize(unsigned) as string);
    if (entry.seq !== seq || prev_hash !== headHashHex || hmac.digest('hex') !== this_hash) {
      throw new Error(`The obvious way: entry ${seq} failed`);
    }
    headHashHex = this_hash;
    return createHash('sha256').update(LEAF_PREFIX).update(text).digest();
  });
  return { rootHex: rootOf(leaves), headHashHex };
}

export function rootOfLevels(leaves: readonly Buffer[]): string {
  return foldLevels(leaves, hashNodeObviously).toString('hex');
}

function hashNodeObviously(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest();
}

/** RFC 6962 root, a level at a time; a last node without a sibling moves up as it is. */
function foldLevels(leaves: readonly Buffer[], hashPair: (left: Buffer, right: Buffer) => Buffer): Buffer {
  let level = leaves;
  while (level.length > 1) {
    const parents: Buffer[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      parents.push(hashPair(level[i] as Buffer, level[i + 1] as Buffer));
    }
    if (level.length % 2 === 1) parents.push(level.at(-1) as Buffer);
    level = parents;
  }
  return level[0] ?? hash('sha256', '', 'buffer');
}

/** The input of each hash call of a walk, in order: chain and leaves, then nodes. The head hash is call `headAt`. */
type HashInputs = Readonly<{ calls: readonly Uint8Array[]; headAt: number }>;

function collectInputs({ texts, keyBytes }: SampleLog): HashInputs {
  const calls: Buffer[] = [];
  const record = (...parts: Uint8Array[]) => {
    const input = Buffer.concat(parts);
    calls.push(input);
    return hash('sha256', input, 'buffer');
  };
  let headAt = 0;
  const leaves = texts.map((text) => {
    const { prev_hash, this_hash: _, ...unsigned } = JSON.parse(text) as StoredEntry;
    const unsignedText = Buffer.from(canonicalize(unsigned) as string);
    const inner = record(padKey(keyBytes, 0x36), Buffer.from(prev_hash, 'hex'), unsignedText);
    headAt = calls.length;
    record(padKey(keyBytes, 0x5c), inner);
    return record(LEAF_PREFIX, Buffer.from(text));
  });
  foldLevels(leaves, (left, right) => record(NODE_PREFIX, left, right));
  return { calls, headAt };
}

/** RFC 2104: the key, which is no longer than a block, filled up with zeros and masked. */
function padKey(keyBytes: Uint8Array, mask: number): Uint8Array {
  const block = new Uint8Array(HMAC_BLOCK);
  block.set(keyBytes);
  return block.map((byte) => byte ^ mask);
}

/** The hash calls alone, each giving a binary string, which costs least. No walk that makes them can be faster. */
function hashOnly({ calls, headAt }: HashInputs): LogHashes {
  let head = '';
  let last = '';
  for (let i = 0; i < calls.length; i += 1) {
    last = hash('sha256', calls[i] as Uint8Array, 'binary');
    if (i === headAt) head = last;
  }
  return { rootHex: toHex(last), headHashHex: toHex(head) };
}

function toHex(binary: string): string {
  return Buffer.from(binary, 'binary').toString('hex');
}

const HMAC_BLOCK = 64;
const LEAF_PREFIX = Buffer.of(0);
const NODE_PREFIX = Buffer.of(1);
