// A small witness (C2SP tlog-witness): holds the last checkpoint of each log that it knows, and cosigns what extends it.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyConsistency } from '../../shared/merkle/verify-proof.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { formatNote, isSignedBy, parseNote } from '../../shared/transparency/note.ts';
import { type VerifierKey, verifierKeyOf } from '../../shared/transparency/verifier-key.ts';
import type { Witness } from '../../workers/account-log/witness-client.ts';
import { cosign } from './cosign.ts';
import { LOCAL } from './local.ts';
import { signerOf } from './signers.ts';

/** How a witness misbehaves. */
export type Misbehaviour =
  | 'hangs'
  | 'forges'
  | 'fails'
  | 'babbles'
  | 'redirects'
  | 'wraps'
  | 'misdates'
  | null;

export type TestWitness = Witness &
  Readonly<{
    /** The size that it holds of a log; null for none. */
    held(origin: string): number | null;
    /** Requests that it got, by their status. */
    answers: number[];
    set(misbehaviour: Misbehaviour): void;
    /** Forgets what it holds, as one that was set up again does. */
    forget(): void;
    /** Holds another log's checkpoint of this size. */
    pretend(origin: string, size: number, root: Uint8Array): void;
  }>;

type Held = { size: number; root: Uint8Array };

export async function startWitness(
  t: { after(cleanUp: () => Promise<void>): void },
  logs: readonly VerifierKey[],
  { name = 'witness.example/w1', seed = 41 } = {},
): Promise<TestWitness> {
  const signer = signerOf(seed);
  const key = verifierKeyOf(name, signer.publicKey, 'cosignature');
  const held = new Map<string, Held>();
  const answers: number[] = [];
  let misbehaviour: Misbehaviour = null;

  async function answer(body: string): Promise<[status: number, text: string, type?: string]> {
    if (misbehaviour === 'fails') return [500, 'oh\n'];
    if (misbehaviour === 'babbles') return [200, 'x'.repeat(1_000_000)];
    const at = body.indexOf('\n\n');
    const [old = '', ...proof] = body.slice(0, at).split('\n');
    const oldSize = /^old (0|[1-9]\d*)$/.exec(old)?.[1];
    const note = parseNote(body.slice(at + 2));
    const checkpoint = note && parseCheckpoint(note.text);
    if (oldSize === undefined || !note || !checkpoint) return [400, ''];
    const log = logs.find((known) => known.name === checkpoint.origin);
    if (!log) return [404, ''];
    if (!isSignedBy(note, log)) return [403, ''];
    if (Number(oldSize) > checkpoint.size) return [400, ''];
    const known = held.get(checkpoint.origin) ?? { size: 0, root: new Uint8Array(0) };
    if (known.size !== Number(oldSize)) return [409, `${known.size}\n`, 'text/x.tlog.size'];
    const hashes = proof.map((line) => new Uint8Array(Buffer.from(line, 'base64')));
    const { size, root } = checkpoint;
    if (known.size === size && Buffer.compare(known.root, root) !== 0) return [409, ''];
    const extended =
      known.size === 0
        ? hashes.length === 0
        : verifyConsistency({ oldSize: known.size, size, oldRoot: known.root, root, hashes });
    if (!extended) return [422, ''];
    held.set(checkpoint.origin, { size, root });
    const by = misbehaviour === 'forges' ? signerOf(seed + 1) : signer;
    // A text that ends where an empty line of the answer would end the note's.
    const text = misbehaviour === 'wraps' ? body.slice(at + 2) : note.text;
    const clock = misbehaviour === 'misdates' ? new Date('2100-01-01T00:00:00Z') : new Date();
    const signature = await cosign(text, name, by, clock);
    const line = { ...signature, keyIdHex: key.keyIdHex };
    if (misbehaviour === 'wraps') return [200, formatNote({ text, signatures: [line] }).slice(text.length)];
    return [200, formatNote({ text: note.text, signatures: [line] }).slice(note.text.length + 1)];
  }

  const server = createServer(async (request, response) => {
    const body = await read(request);
    if (misbehaviour === 'hangs') return;
    if (misbehaviour === 'redirects') return void response.writeHead(307, { location: '/elsewhere' }).end();
    const isCall = request.method === 'POST' && request.url === '/w/add-checkpoint';
    const [status, text, type = 'text/plain'] = isCall ? await answer(body) : [404, ''];
    answers.push(status);
    response.writeHead(status, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(LOCAL.port, LOCAL.host, resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    key,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w`,
    held: (origin) => held.get(origin)?.size ?? null,
    answers,
    set: (next) => {
      misbehaviour = next;
    },
    forget: () => held.clear(),
    pretend: (origin, size, root) => void held.set(origin, { size, root }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
