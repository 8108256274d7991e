// Checks of the verifiers that no case of the corpus can decide alone, each with its reason. `mutate-all.ts` lets a copy
// without such a check pass.
export type Program = 'verify.mjs' | 'verify.html' | 'verify.py';

/** `text` is a part of the name of the copies. */
export type Exclusion = Readonly<{ text: string; reason: string }>;

const LIMIT = 'a limit on memory, which no small file reaches';
const SENTENCE = 'the verdict is the same without it, with a sentence that says less';
const CANONICAL = 'the value is written again and compared with the text, so that the text fails there';

export const EXCLUSIONS: Readonly<Record<Program, readonly Exclusion[]>> = {
  'verify.mjs': [
    {
      text: 'linked === undefined',
      reason: 'without it more is refused: an action that holds a link within the PDF',
    },
  ],
  'verify.html': [
    { text: 'LIMITS.pdf', reason: LIMIT },
    { text: 'LIMITS.attachment', reason: LIMIT },
    { text: 'too large when unpacked', reason: LIMIT },
    { text: "wrong('is not JSON')", reason: CANONICAL },
    { text: 'twice in one object', reason: CANONICAL },
    { text: 'a number that is too large', reason: CANONICAL },
    { text: 'something after its end', reason: CANONICAL },
    { text: 'but for name === undefined', reason: 'a part that is missing is no base64 either' },
    { text: 'but for end < 0', reason: 'what has no empty line has no signature line either, or no text' },
    { text: 'has no end (%%EOF)', reason: SENTENCE },
    { text: 'bytes follow the end of the PDF', reason: SENTENCE },
    {
      text: 'it names no table of objects',
      reason: 'the table is expected at the place, and a missing one has none',
    },
    {
      text: 'a line of the table is damaged',
      reason: 'an object is expected at the place, and a missing one has none',
    },
    { text: '(/Prev)', reason: SENTENCE },
    { text: 'the PDF is encrypted', reason: SENTENCE },
    { text: 'the PDF has no attachment', reason: SENTENCE },
    { text: 'the pack holds no report.json', reason: SENTENCE },
    { text: 'does not have one report attached', reason: SENTENCE },
    { text: 'A proof has no statement', reason: SENTENCE },
    { text: 'A statement alone holds no entries', reason: SENTENCE },
    { text: 'A statement alone says nothing of the entries', reason: SENTENCE },
    { text: 'skip(missingEvidence(report))', reason: SENTENCE },
    { text: 'The files are not both about one session', reason: SENTENCE },
    {
      text: 'goes beyond its place in the zip',
      reason: 'the CRC-32 of the bytes beyond would have to be one that stands in them',
    },
  ],
  'verify.py': [
    { text: 'PDF_LIMIT', reason: LIMIT },
    { text: 'JSON_LIMIT', reason: LIMIT },
    { text: 'UNPACKED_LIMIT', reason: LIMIT },
    { text: 'FILE_LIMIT', reason: LIMIT },
    { text: 'twice in one object', reason: CANONICAL },
    { text: 'which is not JSON', reason: CANONICAL },
    { text: 'has no end (%%EOF)', reason: SENTENCE },
    { text: '(/Prev)', reason: SENTENCE },
    { text: 'the PDF is encrypted', reason: SENTENCE },
    { text: 'cannot be unpacked', reason: SENTENCE },
    { text: 'next_place <= limit', reason: 'the next file is expected at the place behind it' },
    { text: "return case.kind == 'statement'", reason: SENTENCE },
    { text: "return case.kind == 'event'", reason: SENTENCE },
    { text: 'a proof has no statement', reason: SENTENCE },
    { text: 'case.proof_closed is None', reason: SENTENCE },
    { text: 'missing_evidence(case)', reason: SENTENCE },
    { text: 'a statement alone holds no entries', reason: SENTENCE },
    { text: 'a statement alone says nothing of the entries', reason: SENTENCE },
    { text: 'operand case.proof_closed', reason: 'it chooses the text that a sentence shows' },
    {
      text: "operand at(report, 'evidence', 'session_closed')",
      reason: 'it chooses the text that a sentence shows',
    },
    { text: "given['cases']", reason: 'it runs the program in another way' },
    { text: "return given['self-test']", reason: 'it runs the program in another way' },
    { text: '(x * x - square) % P != 0', reason: 'no signature can be made under a key that names no point' },
    {
      text: 'operand sign == 1',
      reason: 'without it more is refused: the key of a point whose signatures anyone makes',
    },
  ],
};
