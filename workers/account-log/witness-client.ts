// Asks a witness to cosign a checkpoint, by C2SP tlog-witness `add-checkpoint`. A witness holds the last checkpoint that
// it cosigned, and cosigns none that does not extend it.
import { MINUTE_MS } from '../../shared/time/durations.ts';
import { verifyCosignature } from '../../shared/transparency/cosignature.ts';
import type { Cosignature } from '../../shared/transparency/log-heads.ts';
import { parseNote } from '../../shared/transparency/note.ts';
import type { VerifierKey } from '../../shared/transparency/verifier-key.ts';

/** A witness as configured. */
export type Witness = Readonly<{ key: VerifierKey /** Its submission prefix. */; url: string }>;

/** A checkpoint to cosign. */
export type Submission = Readonly<{
  origin: string;
  /** Entries. */
  size: number;
  /** The signed note. */
  note: string;
  /** The consistency proof from an earlier size, RFC 6962 section 2.1.2. */
  proofFrom(oldSize: number): Promise<readonly Uint8Array[]>;
}>;

export type Cosigning =
  | Readonly<{ kind: 'cosigned'; cosignature: Cosignature }>
  /** Nothing came of it this time. `isSilent`: it cannot be reached, or does not answer in time. */
  | Readonly<{ kind: 'away'; problem: string; isSilent?: true }>
  /** The witness holds a log of this origin that the checkpoint does not extend. */
  | Readonly<{ kind: 'contradicted'; problem: string }>;

export type WitnessClient = Readonly<{
  key: VerifierKey;
  cosign(submission: Submission, signal: AbortSignal): Promise<Cosigning>;
}>;

/** For all that a witness is asked for one cosignature. */
const DEADLINE_MS = 10_000;

/** Between a witness's clock and this one, at most: whoever reads a cosignature takes its time for true. */
const CLOCKS_APART_MS = 10 * MINUTE_MS;

const SIGNATURE_LINES = /^(— [^\n]+\n)+$/;

/** Bytes of an answer that are read: a cosignature takes less than 300. */
const ANSWER_LIMIT = 16 * 1024;

/** Requests for one checkpoint: the first may not know what the witness holds, and another writer may come in between. */
const TRIES = 3;

/** Remembers what size the witness holds of each log, so that most checkpoints take one request. */
export function createWitnessClient({ key, url }: Witness, timeoutMs: number = DEADLINE_MS): WitnessClient {
  const held = new Map<string, number>();
  return {
    key,
    async cosign(submission, signal) {
      const known = held.get(submission.origin) ?? 0;
      // Where the log was put back, nothing is proven from what it had: the witness says what it holds.
      let oldSize = known <= submission.size ? known : 0;
      const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      for (let tries = 0; tries < TRIES; tries += 1) {
        const answer = await post(url, submission, oldSize, within);
        signal.throwIfAborted();
        if (typeof answer === 'string') return { kind: 'away', problem: answer, isSilent: true };
        const { status, text } = answer;
        if (status === 200) return accept(submission, text);
        const size = status === 409 ? parseSize(text) : null;
        // A 409 that tells no other size: of a checkpoint of the size that it holds, the root is another.
        const isFork = status === 409 && oldSize === submission.size && (size ?? oldSize) === oldSize;
        if (status === 422 || isFork) {
          held.delete(submission.origin);
          return { kind: 'contradicted', problem: `it holds another log at size ${oldSize}` };
        }
        if (size === null) return { kind: 'away', problem: `it answered ${status}` };
        if (size > submission.size) {
          return {
            kind: 'contradicted',
            problem: `it has cosigned ${size} entries, and there are ${submission.size}`,
          };
        }
        oldSize = size;
      }
      return { kind: 'away', problem: 'it holds another size each time' };
    },
  };

  /** Of an answer that is more than signature lines, nothing is taken: with an empty line it would end another text. */
  function accept({ note, origin, size }: Submission, answer: string): Cosigning {
    const cosigned = SIGNATURE_LINES.test(answer) ? parseNote(`${note}${answer}`) : null;
    for (const signature of cosigned?.signatures ?? []) {
      const found = verifyCosignature(cosigned?.text as string, signature, key);
      if (!found) continue;
      if (Math.abs(found.at.getTime() - Date.now()) > CLOCKS_APART_MS) {
        const problem = `its cosignature is of ${found.at.toISOString()}, by its clock: here it is another time`;
        return { kind: 'away', problem };
      }
      held.set(origin, size);
      const blob = Buffer.concat([Buffer.from(signature.keyIdHex, 'hex'), signature.signature]);
      const line = `— ${key.name} ${blob.toString('base64')}`;
      return { kind: 'cosigned', cosignature: { name: key.name, line, at: found.at } };
    }
    return { kind: 'away', problem: 'its answer holds no cosignature by its key' };
  }
}

/** The answer; a sentence where there is none. */
async function post(
  url: string,
  { note, proofFrom }: Submission,
  oldSize: number,
  signal: AbortSignal,
): Promise<Readonly<{ status: number; text: string }> | string> {
  const proof = oldSize === 0 ? [] : await proofFrom(oldSize);
  const lines = [`old ${oldSize}`, ...proof.map((hash) => Buffer.from(hash).toString('base64')), ''];
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: lines.map((line) => `${line}\n`).join('') + note,
      redirect: 'error',
      signal,
    });
    return { status: response.status, text: await readBounded(response) };
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > ANSWER_LIMIT) throw new Error('its answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parseSize(text: string): number | null {
  const size = /^(0|[1-9]\d{0,15})\n$/.exec(text)?.[1];
  return size !== undefined && Number.isSafeInteger(Number(size)) ? Number(size) : null;
}
