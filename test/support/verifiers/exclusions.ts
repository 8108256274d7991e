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
    ...because(LIMIT, 'PDF_LIMIT'),
    ...because(SENTENCE, 'its last line has no end', 'states a size that is none'),
    ...because('no name and no text of a note that is taken holds one', 'holds control characters'),
  ],
  'verify.html': [
    ...because(
      LIMIT,
      'LIMITS.file',
      'LIMITS.pdf',
      'brackets.has(text[i])',
      '+ i} is longer than entries are',
    ),
    ...because(
      CANONICAL,
      "wrong('is not JSON')",
      'twice in one object',
      'a number that is too large',
      'something after its end',
    ),
    ...because('a part that is missing is no base64 either', 'but for name === undefined'),
    ...because('no name and no text of a note that is taken holds one', 'holds control characters'),
    ...because('a PDF of a report that was made at no time fails by its dates', 'but for madeAt === null'),
    ...because('what is no text has no digits, and fails by that', 'value instanceof PdfString'),
    ...because('nothing but a session has entries of its own', "kind === 'session'"),
    ...because('what has no empty line has no signature line either, or no text', 'but for end < 0'),
    ...because(
      SENTENCE,
      'has no end (%%EOF)',
      'bytes follow the end of the PDF',
      '(/Prev)',
      'the PDF is encrypted',
      'the PDF has no attachment',
      'the PDF lists an attachment wrongly',
      'does not end with a line feed',
      'does not have one report attached',
      'A proof has no statement',
      'A statement alone holds no entries',
      'A statement alone says nothing of the entries',
      'skip(missingEvidence(report))',
      'The files are not both about one session',
    ),
    ...because(
      'the table is expected at the place, and a missing one has none',
      'it names no table of objects',
    ),
    ...because(
      'an object is expected at the place, and a missing one has none',
      'a line of the table is damaged',
    ),
  ],
  'verify.py': [
    ...because(LIMIT, 'PDF_LIMIT', 'JSON_LIMIT', 'FILE_LIMIT'),
    ...because(CANONICAL, 'twice in one object', 'which is not JSON'),
    ...because(
      SENTENCE,
      'has no end (%%EOF)',
      '(/Prev)',
      'the PDF is encrypted',
      'cannot be unpacked',
      "return case.kind == 'statement'",
      "return case.kind == 'event'",
      'a proof has no statement',
      'case.proof_closed is None',
      'missing_evidence(case)',
      'a statement alone holds no entries',
      'a statement alone says nothing of the entries',
    ),
    ...because(
      LIMIT,
      'len(text) > PLAIN_LIMIT',
      'return place < 0',
      'return is_costly(data)',
      'len(line) <= ENTRY_LIMIT',
    ),
    ...because(
      SENTENCE,
      "operand found['statement'][0] != VERIFIED",
      'operand case.report is not None',
      'return not missing',
      'isinstance(name, PdfHex)',
    ),
    ...because('the count in code units decides, and this one spares it', 'operand len(text) <= NOTE_LIMIT'),
    ...because('no name and no text of a note that is taken holds one', 'holds control characters'),
    ...because('without the time of a statement no order is fixed', 'operand by_statement'),
    ...because(
      'without it more is refused: an action that holds a link within the PDF',
      "operand started == '/GoTo'",
    ),
    ...because('a PDF of a report that was made at no time fails by its dates', 'operand made is None'),
    ...because('the next file is expected at the place behind it', 'after <= limit'),
    ...because(
      'it chooses the text that a sentence shows',
      'operand case.proof_closed',
      "operand at(report, 'evidence', 'session_closed')",
    ),
    ...because('without it a report is read twice', 'return text.startswith(b\'{"report"\')'),
    ...because('it runs the program in another way', "given['cases']", "return given['self-test']"),
    ...because('no signature can be made under a key that names no point', '(x * x - square) % P != 0'),
    ...because(
      'without it more is refused: the key of a point whose signatures anyone makes',
      'operand sign == 1',
    ),
  ],
};

function because(reason: string, ...texts: string[]): Exclusion[] {
  return texts.map((text) => ({ text, reason }));
}
