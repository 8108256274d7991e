// The keys of the corpus, made from their names, so that every corpus is signed alike; and signed notes, written down as
// C2SP's signed-note and tlog-cosignature say, without the service's code.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

const KINDS = { ed25519: 0x01, cosignature: 0x04 } as const;

/** A key that signs notes under a name, and its verifier key. */
export type NoteKey = Readonly<{
  name: string;
  vkey: string;
  /** A signature line over the note's text; of a cosignature, at a time in seconds. */
  line(text: string, atSeconds?: number | bigint): string;
}>;

/** `seed` tells keys of one name apart. */
export function noteKey(name: string, seed: string, kind: keyof typeof KINDS = 'ed25519'): NoteKey {
  const key = privateKeyOf(seed);
  const material = Buffer.concat([Buffer.of(KINDS[kind]), rawPublicKey(key)]);
  const id = keyIdOf(name, material);
  return {
    name,
    vkey: verifierKey(name, material),
    line(text, atSeconds: number | bigint = 0) {
      if (kind === 'ed25519') return lineOf(name, id, sign(null, Buffer.from(text), key));
      const at = Buffer.alloc(8);
      at.writeBigUInt64BE(BigInt(atSeconds));
      const message = `cosignature/v1\ntime ${atSeconds}\n${text}`;
      return lineOf(name, id, Buffer.concat([at, sign(null, Buffer.from(message), key)]));
    },
  };
}

const keyIdOf = (name: string, material: Uint8Array) =>
  createHash('sha256').update(`${name}\n`).update(material).digest().subarray(0, 4);

/** The text that names a key: its kind and its bytes under a name. */
export function verifierKey(name: string, material: Uint8Array): string {
  const id = keyIdOf(name, material).toString('hex');
  return `${name}+${id}+${Buffer.from(material).toString('base64')}`;
}

/** The parts of such a text. Its base64 may hold a plus, its name and its id hold none. */
export function partsOfKey(vkey: string): Readonly<{ name: string; id: string; material: Buffer }> {
  const [name, id] = vkey.split('+', 2) as [string, string];
  return { name, id, material: Buffer.from(vkey.slice(`${name}+${id}+`.length), 'base64') };
}

export function lineOf(name: string, id: Uint8Array, signature: Uint8Array): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/** PKCS#8 of an Ed25519 key: this head, then the 32 bytes of the seed (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export function privateKeyOf(seed: string): KeyObject {
  const bytes = createHash('sha256').update(`corpus key ${seed}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, bytes]), format: 'der', type: 'pkcs8' });
}

export function rawPublicKey(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** The note: a text that ends in a line end, an empty line, the signature lines. */
export function noteOf(text: string, ...lines: readonly string[]): string {
  return `${text}\n${lines.join('')}`;
}

/** The note with a change to the bytes of its n-th signature. */
export function withSignature(note: string, n: number, change: (bytes: Buffer) => Buffer): string {
  const lines = note.split('\n');
  const first = lines.findIndex((line) => line.startsWith('\u2014 '));
  const [dash, name, base64] = (lines[first + n] as string).split(' ') as [string, string, string];
  lines[first + n] = `${dash} ${name} ${change(Buffer.from(base64, 'base64')).toString('base64')}`;
  return lines.join('\n');
}

/** The bytes with one bit changed. */
export function flip(bytes: Uint8Array, bit = 0): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
