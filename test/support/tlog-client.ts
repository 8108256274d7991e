// A client of a transparency log that knows C2SP's pages (signed-note, tlog-checkpoint, tlog-tiles) and nothing of this
// project. It reads every tile and every entry of a log by HTTP, and makes the root of each anew.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';

type Hash = Buffer;

export type TlogClient = Readonly<{
  /** The checkpoint, its signature verified. */
  checkpoint(): Promise<Readonly<{ size: number; root: Hash }>>;
  /** The entries below a size, by bundles; each bundle's hashes are compared with its tile's. */
  entries(size: number): Promise<Buffer[]>;
  /** The root of a size, made of the hashes in tiles alone. */
  rootOfTiles(size: number): Promise<Hash>;
}>;

/** `prefix`: the URL of the log. `verifierKey`: what an auditor was handed. */
export function createTlogClient(prefix: string, verifierKey: string, token: string): TlogClient {
  async function get(path: string): Promise<Buffer> {
    const response = await fetch(`${prefix}/${path}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 200, path);
    return Buffer.from(await response.arrayBuffer());
  }

  async function tile(level: number, index: number, width: number): Promise<Hash[]> {
    const bytes = await get(`tile/${level}/${pathOf(index, width)}`);
    assert.equal(bytes.length, 32 * width);
    return Array.from({ length: width }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
  }

  /** All hashes of a level that the tree of a size has. */
  async function level(at: number, size: number): Promise<Hash[]> {
    const count = Math.floor(size / 256 ** at);
    const hashes: Hash[] = [];
    for (let index = 0; index * 256 < count; index += 1) {
      hashes.push(...(await tile(at, index, Math.min(256, count - index * 256))));
    }
    return hashes;
  }

  return {
    async checkpoint() {
      const text = (await get('checkpoint')).toString();
      const [body, signatures] = text.split('\n\n') as [string, string];
      const [origin, size, root] = body.split('\n') as [string, string, string];
      const [name, , key] = verifierKey.split('+') as [string, string, string];
      assert.equal(origin, name);
      assertSigned(`${body}\n`, signatures, name, Buffer.from(key, 'base64').subarray(1));
      return { size: Number(size), root: Buffer.from(root, 'base64') };
    },
    async entries(size) {
      const entries: Buffer[] = [];
      for (let index = 0; index * 256 < size; index += 1) {
        const width = Math.min(256, size - index * 256);
        const bundle = await get(`tile/entries/${pathOf(index, width)}`);
        const hashes = await tile(0, index, width);
        let at = 0;
        for (const hash of hashes) {
          const length = bundle.readUInt16BE(at);
          const entry = bundle.subarray(at + 2, at + 2 + length);
          assert.deepEqual(sha256(Buffer.of(0), entry), hash);
          entries.push(entry);
          at += 2 + length;
        }
        assert.equal(at, bundle.length);
      }
      return entries;
    },
    async rootOfTiles(size) {
      if (size === 0) return sha256();
      const levels: Hash[][] = [];
      for (let at = 0; 256 ** at <= size; at += 1) levels.push(await level(at, size));
      for (const [at, hashes] of levels.entries()) {
        for (const [i, hash] of hashes.entries()) {
          if (at === 0) continue;
          assert.deepEqual(treeHash((levels[at - 1] as Hash[]).slice(256 * i, 256 * i + 256)), hash);
        }
      }
      return treeHash(levels[0] as Hash[]);
    },
  };
}

/** `x001/x234/067`, and `.p/<W>` for a partial tile (tlog-tiles "Merkle Tree"). */
function pathOf(index: number, width: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const parts = padded.match(/.{3}/g) as string[];
  const path = parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join('/');
  return width === 256 ? path : `${path}.p/${width}`;
}

/** RFC 6962 section 2.1, level by level: a node without a sibling goes up as it is. */
function treeHash(hashes: readonly Hash[]): Hash {
  let level = [...hashes];
  while (level.length > 1) {
    const next: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Hash, level[i + 1]];
      next.push(right ? sha256(Buffer.of(1), left, right) : left);
    }
    level = next;
  }
  return level[0] as Hash;
}

function assertSigned(text: string, signatures: string, name: string, publicKey: Buffer): void {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const id = sha256(Buffer.from(`${name}\n`), Buffer.of(1), publicKey).subarray(0, 4);
  const own = signatures.split('\n').flatMap((line) => {
    const [, signer, base64] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(base64 ?? '', 'base64');
    return signer === name && bytes.subarray(0, 4).equals(id) ? [bytes.subarray(4)] : [];
  });
  assert.ok(own.some((signature) => verify(null, Buffer.from(text), key, signature)));
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
