// The fields of a report about the account log. Their texts have types of their own: each is read by its own reader, and
// holds ids, hashes, numbers and times alone.
import { z } from 'zod';
import { isId } from '../audit/ids.ts';
import { HASH_SIZE } from '../merkle/hash.ts';
import { parseCheckpoint } from '../transparency/checkpoint.ts';
import { decodeBase64 } from '../transparency/exact-text.ts';
import { parseLogEntry } from '../transparency/log-entry.ts';
import { parseNote } from '../transparency/note.ts';
import { isKeyName, parseVerifierKey } from '../transparency/verifier-key.ts';
import { EVIDENCE_MISSING } from './account-log.ts';
import { count, typedText } from './report-fields.ts';

const origin = typedText('The name of the account log, which is also the name of its key', isOrigin);

const checkpoint = typedText(
  'The newest checkpoint of the account log: a signed note (C2SP tlog-checkpoint), cosignatures included',
  (text) => {
    const note = parseNote(text);
    if (note === null || parseCheckpoint(note.text) === null) return false;
    const stated = note.text.slice(0, note.text.indexOf('\n'));
    // Witnesses sign under names of their own.
    return isOrigin(stated) && note.signatures.every(({ name }) => isName(name));
  },
);

const verifierKey = typedText(
  'The verifier key of the account log (C2SP signed-note). It proves nothing here: have it handed to you by another way',
  (text) => {
    const key = parseVerifierKey(text);
    return key !== null && isOrigin(key.name);
  },
);

const logSize = count('Entries under the checkpoint');

/** Index of an entry of the account log. */
export const logIndex = count('Index of its entry in the account log, from 0');

const hashText = typedText(
  'SHA-256, base64 (RFC 4648)',
  (text) => decodeBase64(text)?.length === HASH_SIZE,
  /^[A-Za-z0-9+/]{43}=$/,
);

/** `evidence` of a report on a session. */
export const sessionEvidence = z
  .strictObject({
    checkpoint,
    inclusion: z
      .array(hashText)
      .max(64)
      .describe('Inclusion proof (RFC 6962) of the entry under the checkpoint'),
    log_index: logIndex,
    log_size: logSize,
    origin,
    session_closed: typedText(
      'The entry of the account log that the session was closed, byte for byte: canonical JSON (RFC 8785)',
      (text) => parseLogEntry(text)?.kind === 'session_closed',
    ),
    verifier_key: verifierKey,
  })
  .nullable()
  .describe(
    "The session's entry in the account log, as it was checked for this report; null where there is none",
  );

/** `evidence_missing` of a report on a session. */
export const sessionEvidenceMissing = z
  .enum(EVIDENCE_MISSING)
  .nullable()
  .describe(
    'Why evidence is null: the session is open, its entry is not in the log yet, or there is no account log',
  );

/** `evidence` of a report over many sessions. */
export const windowEvidence = z
  .strictObject({ checkpoint, log_size: logSize, origin, verifier_key: verifierKey })
  .nullable()
  .describe('The account log under which the sessions with a log_index are; null where there is none');

/** `evidence_missing` of a report over many sessions. */
export const windowEvidenceMissing = z
  .literal('no log')
  .nullable()
  .describe('Why evidence is null: there is no account log, or nothing in it is signed yet');

/** The name of a log: the operator's prefix and the account's id. Printable ASCII, so that no other text hides in it. */
function isOrigin(name: string): boolean {
  const at = name.lastIndexOf('/');
  return at > 0 && isId('account', name.slice(at + 1)) && isName(name);
}

function isName(name: string): boolean {
  return isKeyName(name) && /^[!-~]{1,255}$/.test(name);
}
