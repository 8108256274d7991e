import { z } from 'zod';
import { idOf } from '../../http/parameters.ts';

const POSITION = /^(0|[1-9]\d{0,14})$/;
/** How a position is shown: the text of a whole number. */
const MOST = 999_999_999_999_999;
const WHOLE = { type: 'integer', minimum: 0, maximum: MOST } as const;

const position = (name: string, description: string) => {
  const message = `${name} must be given once, a whole number from 0 to ${MOST}: a position in the log.`;
  return z.string(message).regex(POSITION, message).transform(Number).describe(description).meta(WHOLE);
};

/** A malformed position names no entry. */
export const eventParams = z.object({
  session_id: idOf('session', 'The session'),
  seq: z
    .string()
    .regex(POSITION)
    .transform(Number)
    .describe('Position of the entry in the log, from 0.')
    .meta(WHOLE),
});

export const stretchQuery = z.object({
  from: position('from', 'The first entry.'),
  to: position(
    'to',
    'The entry after the last one: at most 10,000 after from, and no more than fit 40 MiB, which verifiers read.',
  ),
});

export const proofResponse = z
  .string()
  .describe("A C2SP tlog-proof of the session's session_closed entry, which is in its extra line.");

const text = (description: string) => z.string().describe(description);
const count = (description: string) => z.int().nonnegative().describe(description);

const sharedFields = {
  hashes: z.array(z.base64()).describe('SHA-256 hashes of the proof.'),
  session_closed: text('The canonical text of the entry of the account log.'),
  session_proof: text('The tlog-proof of that entry.'),
  size: count('Entries of the session.'),
  v: z.literal(1).describe('Version of the form.'),
};

export const eventProofResponse = z.strictObject({
  event_proof: z
    .strictObject({
      entry: text('The canonical text of the entry.'),
      index: count('Its position.'),
      ...sharedFields,
    })
    .describe('One entry, and its inclusion in the log that was closed.'),
});

export const rangeProofResponse = z.strictObject({
  range_proof: z
    .strictObject({
      entries: z.array(z.string()).describe('The canonical texts, in order.'),
      from: count('Position of the first.'),
      to: count('Position after the last.'),
      ...sharedFields,
    })
    .describe('A stretch of entries, and that nothing between them is left out.'),
});

export const packResponse = {
  'application/zip': z
    .file()
    .describe(
      'The report, its statement, all entries, proofs, the policy, and three programs to check them. A pack of more than 256 MiB, which no verifier reads, is refused: validation_failed, param session_id.',
    ),
};
