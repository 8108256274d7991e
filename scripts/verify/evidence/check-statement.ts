// The axis `statement`: the note that the log's key signed over the report's JSON.
import { hash } from 'node:crypto';
import { decodeUtf8 } from '../../../shared/audit/decode-utf8.ts';
import { encodeBase64 } from '../../../shared/transparency/exact-text.ts';
import { isOf, isSignedBy, type Note, parseNote } from '../../../shared/transparency/note.ts';
import type { VerifierKey } from '../../../shared/transparency/verifier-key.ts';
import type { Evidence } from './open-report.ts';
import { at } from './read-json.ts';
import { unchecked, wrong } from './verdict.ts';

export function checkStatement(
  { note: bytes, json, report }: Evidence,
  keys: readonly VerifierKey[],
): string {
  if (bytes === null) return unchecked('there is no statement');
  const note = readNote(bytes);
  const stated = note.text.split('\n');
  const origin = stated[4] ?? '';
  const expected = [
    FORM,
    report.get('id'),
    encodeBase64(hash('sha256', json, 'buffer')),
    report.get('generated_at'),
    origin,
    '',
  ];
  const names = ['form', 'report', 'SHA-256 of the JSON', 'time', 'origin', 'end'];
  const differing = expected.findIndex((line, i) => line !== stated[i]);
  if (differing >= 0) wrong(`the statement is not this report's: another ${names[differing]}`);
  if (stated.length !== expected.length) wrong('the statement has more lines than one');
  if ((at(report, 'evidence', 'origin') ?? origin) !== origin)
    wrong(`the statement is of ${origin}, the evidence of another log`);
  const key = signedBy(note, origin, keys, 'the statement');
  return `${report.get('id')}, signed by ${describeKey(key)}`;
}

/** A statement without its report can be wrong, and proves nothing. */
export function checkStatementAlone(bytes: Uint8Array, keys: readonly VerifierKey[]): string {
  const note = readNote(bytes);
  const [form, , , , origin = '', ...rest] = note.text.split('\n');
  if (form !== FORM || rest.length !== 1) wrong('the statement is not one over a report');
  signedBy(note, origin, keys, 'the statement');
  return unchecked("a statement alone: name the report's JSON, too");
}

const FORM = 'masker-evidence/report/v1';

function readNote(bytes: Uint8Array): Note {
  const text = decodeUtf8(bytes);
  return (text === null ? null : parseNote(text)) ?? wrong('the statement is no signed note');
}

/** The given key that signed the note, under the name that the note gives itself. */
export function signedBy(
  note: Note,
  origin: string,
  keys: readonly VerifierKey[],
  what: string,
): VerifierKey {
  const [first] = keys;
  if (!first) return unchecked(`${what} holds, and no key was given (--key)`);
  if (first.name !== origin) wrong(`${what} is of ${origin}, the given key of ${first.name}`);
  // A signature that claims to be a given key's and is not makes the note wrong, whatever else is on it.
  const claimed = keys.filter((key) => note.signatures.some((signature) => isOf(signature, key)));
  const [signer] = claimed;
  if (!signer) return wrong(`${what} is not signed by a given key`);
  return claimed.every((key) => isSignedBy(note, key)) ? signer : wrong(`a signature on ${what} is wrong`);
}

export const describeKey = ({ name, keyIdHex }: VerifierKey): string => `${name} (${keyIdHex})`;
