// The ways to check and hash a log that are timed against each other. Each does it all: every link and HMAC, and the
// Merkle root; but none other than ours checks that an entry is canonical and well typed.
import { createHash, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ChainHasher, ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { readSegment } from '../../shared/audit/segment.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import type { SampleLog } from './sample-log.ts';

export type LogHashes = Readonly<{ rootHex: string; headHashHex: string }>;

export type Way = Readonly<{ name: string; run(): LogHashes }>;

/** Ours first, then the obvious ways, then the limit. */
export function hashWays(sample: SampleLog): Way[] {
  const hasher = new ChainHasher(sample.keyBytes);
  const keyObject = createSecretKey(sample.keyBytes);
  const inputs = collectInputs(sample);
  return [
    { name: 'ours', run: () => walkStored(sample, hasher) },
    { name: 'obvious', run: () => checkObviously(sample, sample.keyBytes) },
    { name: 'obviousKeyObject', run: () => checkObviously(sample, keyObject) },
    { name: 'limit', run: () => hashOnly(inputs) },
  ];
}

/** The program's own walk, over segments as they are stored. */
function walkStored({ log, segments }: SampleLog, hasher: ChainHasher): LogHashes {
  const walker = new LogWalker(log, hasher);
  for (const document of segments) {
    const { bytes, begins, ends } = readSegment(document);
    for (let i = 0; i < begins.length; i += 1) {
      const fault = walker.step(bytes, begins[i] as number, ends[i] as number);
      if (fault) throw new Error(`The walk found entry ${fault.seq} ${fault.fault}`);
    }
  }
  const { headHashHex, range } = walker.finish();
  const tree = new CompactRange();
  tree.append(range);
  return { rootHex: tree.rootHex(), headHashHex };
}

type StoredEntry = { seq: number; prev_hash: string; this_hash: string };

/** As anybody would write it first, over texts: reading them out of the segments is not counted. */
function checkObviously({ texts }: SampleLog, key: Uint8Array | KeyObject): LogHashes {
  let headHashHex = ZERO_HASH_HEX;
  const leaves = texts.map((text, seq) => {
    const entry = JSON.parse(text) as StoredEntry;
    const { prev_hash, this_hash, ...unsigned } = entry;
    const hmac = createHmac('sha256', key);
    hmac.update(Buffer.from(prev_hash, 'hex'));
    hmac.update(canonicalize(unsigned) as string);
    if (entry.seq !== seq || prev_hash !== headHashHex || hmac.digest('hex') !== this_hash) {
      throw new Error(`The obvious way found entry ${seq} wrong`);
    }
    headHashHex = this_hash;
    return createHash('sha256').update(LEAF_PREFIX).update(text).digest();
  });
  return { rootHex: foldLevels(leaves, hashNodeObviously).toString('hex'), headHashHex };
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
  return level[0] ?? Buffer.from(hash('sha256', '', 'buffer'));
}

/** What is hashed for a log, call by call: the chain, then the tree. */
type HashInputs = Readonly<{ chain: readonly Uint8Array[]; tree: readonly Uint8Array[] }>;

function collectInputs({ texts, keyBytes }: SampleLog): HashInputs {
  const chain: Buffer[] = [];
  const tree: Buffer[] = [];
  const [innerPad, outerPad] = [0x36, 0x5c].map((pad) => {
    const block = Buffer.alloc(HMAC_BLOCK);
    block.set(keyBytes);
    return block.map((byte) => byte ^ pad);
  }) as [Uint8Array, Uint8Array];
  const leaves = texts.map((text) => {
    const { prev_hash, this_hash: _, ...unsigned } = JSON.parse(text) as StoredEntry;
    const unsignedText = Buffer.from(canonicalize(unsigned) as string);
    const inner = Buffer.concat([innerPad, Buffer.from(prev_hash, 'hex'), unsignedText]);
    chain.push(inner, Buffer.concat([outerPad, hash('sha256', inner, 'buffer')]));
    const leaf = Buffer.concat([LEAF_PREFIX, Buffer.from(text)]);
    tree.push(leaf);
    return hash('sha256', leaf, 'buffer');
  });
  foldLevels(leaves, (left, right) => {
    const node = Buffer.concat([NODE_PREFIX, left, right]);
    tree.push(node);
    return hash('sha256', node, 'buffer');
  });
  return { chain, tree };
}

/** The hash calls of the quick way and nothing else: what no program that hashes in Node can beat. */
function hashOnly({ chain, tree }: HashInputs): LogHashes {
  const headHash = hashEach(chain);
  const root = hashEach(tree);
  return { rootHex: toHex(root), headHashHex: toHex(headHash) };
}

/** The last digest, as the binary string that costs least to be given. */
function hashEach(inputs: readonly Uint8Array[]): string {
  let last = '';
  for (const input of inputs) last = hash('sha256', input, 'binary');
  return last;
}

function toHex(binary: string): string {
  return Buffer.from(binary, 'binary').toString('hex');
}

const HMAC_BLOCK = 64;
const LEAF_PREFIX = Buffer.of(0);
const NODE_PREFIX = Buffer.of(1);
