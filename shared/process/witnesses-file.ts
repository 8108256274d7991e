// The setting `WITNESSES_FILE`: who cosigns the checkpoints of account logs.
import { readFileSync } from 'node:fs';
import { parseVerifierKey, type VerifierKey } from '../transparency/verifier-key.ts';

/** A witness (c2sp.org/tlog-witness): its key, of kind `cosignature`, and its submission prefix without a slash at the end. */
export type Witness = Readonly<{ key: VerifierKey; url: string }>;

/** With the log's own keys, a checkpoint stays below the 100 signatures that readers of notes take. */
const WITNESSES_AT_MOST = 64;

/**
 * Reads the file: a line `<verifier key> <URL prefix>` for each witness; lines that are empty or begin with `#` say
 * nothing. Adds a sentence to `problems` for each fault, with the number of its line and nothing of its text.
 */
export function readWitnesses(file: string, problems: string[]): readonly Witness[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    problems.push('WITNESSES_FILE names a file that cannot be read');
    return [];
  }
  const witnesses: Witness[] = [];
  /** The line of each name so far. */
  const named = new Map<string, number>();
  for (const [index, line] of text
    .split('\n')
    .map((each) => each.trim())
    .entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const witness = readWitness(line);
    if (typeof witness === 'string') problems.push(`WITNESSES_FILE, line ${index + 1}: ${witness}`);
    else {
      const earlier = named.get(witness.key.name);
      if (earlier !== undefined) {
        problems.push(
          `WITNESSES_FILE, line ${index + 1}: has the name of line ${earlier}: a witness is listed once, so keep one of them`,
        );
      }
      named.set(witness.key.name, index + 1);
      witnesses.push(witness);
    }
  }
  if (witnesses.length > WITNESSES_AT_MOST) {
    problems.push(`WITNESSES_FILE lists more than ${WITNESSES_AT_MOST} witnesses: keep as many`);
  }
  return witnesses;
}

/** The witness, or a sentence that says what is not right. */
function readWitness(line: string): Witness | string {
  const [keyText = '', address, ...rest] = line.split(/[ \t]+/);
  if (address === undefined || rest.length > 0) {
    return 'must be a verifier key, a space and an address, as in witness.example+… https://witness.example';
  }
  const key = parseVerifierKey(keyText);
  if (key?.kind !== 'cosignature') {
    return 'must begin with the verifier key of a witness: name, key id and base64 of 0x04 and its Ed25519 key, with a plus between them';
  }
  const url = readPrefix(address);
  return url === null
    ? 'must have an address that begins with https:// or http://, without a user, query and fragment'
    : { key, url };
}

function readPrefix(address: string): string | null {
  if (!/^https?:\/\//.test(address) || /[?#@\\]/.test(address) || !URL.canParse(address)) return null;
  return new URL(address).href.replace(/\/+$/, '');
}
