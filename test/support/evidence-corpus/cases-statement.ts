// Statements that are not the report's, not signed by the key, or not notes.
import {
  checkpointOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  ORIGIN,
  OTHER_KEY,
  OTHER_ORIGIN,
  RETIRED_KEY,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { flip, noteOf, withSignature } from './keys.ts';
import { makeReport, type ReportParts, statementLines, statementOf } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';

const whole = makeReport({ session: SESSIONS.sealed });
const open = makeReport({ session: SESSIONS.open });
const other = makeReport({ session: SESSIONS.sealed, reportId: 'rep_01KQN89WGRBPJ4AAGAHJXMZY72' });
const note = whole.note as string;
const lines = statementLines(whole.json);
const text = `${lines.join('\n')}\n`;

/** The order of Ed25519's group, RFC 8032 section 5.1, little-endian. */
const GROUP_ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

/** S + L in place of S: the same equation holds, and RFC 8032 refuses it. */
function plusOrder(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  let carry = 0;
  for (let i = 0; i < 32; i += 1) {
    const sum = (copy[36 + i] as number) + (GROUP_ORDER[i] as number) + carry;
    copy[36 + i] = sum & 0xff;
    carry = sum >> 8;
  }
  return copy;
}

const put = (at: number, line: string) => lines.toSpliced(at, 1, line);
const signed = (changed: readonly string[]) => statementOf(whole.json, LOG_KEY, [...changed]);
/** The other text under the signature of the right one. */
const unsigned = (changed: readonly string[]) => noteOf(`${changed.join('\n')}\n`, LOG_KEY.line(text));

/** Notes of which the text is the report's: without a key nothing is wrong with them. */
const BAD_SIGNATURES: Readonly<Record<string, string>> = {
  'signed by a key that only has the name': statementOf(whole.json, FORGER_KEY),
  'signed by a retired key that was not given': statementOf(whole.json, RETIRED_KEY),
  "signed by another account's key": noteOf(text, OTHER_KEY.line(text)),
  'a bit of the key id flipped': withSignature(note, 0, (bytes) => flip(bytes, 3)),
  'a bit of the signature flipped, in its first byte': withSignature(note, 0, (bytes) => flip(bytes, 32)),
  'a bit of the signature flipped, in its middle': withSignature(note, 0, (bytes) => flip(bytes, 32 + 256)),
  'a bit of the signature flipped, in its last byte': withSignature(note, 0, (bytes) =>
    flip(bytes, 32 + 505),
  ),
  'the signature with the group order added': withSignature(note, 0, plusOrder),
  'the signature a byte short': withSignature(note, 0, (bytes) => bytes.subarray(0, 67)),
  'the signature with a byte behind it': withSignature(note, 0, (bytes) =>
    Buffer.concat([bytes, Buffer.of(0)]),
  ),
  'the signature of 64 zeros': withSignature(note, 0, (bytes) =>
    Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(64)]),
  ),
  'the signature over the text without its last line end': noteOf(text, LOG_KEY.line(text.slice(0, -1))),
  'the signature of another report': noteOf(text, LOG_KEY.line(`${statementLines(other.json).join('\n')}\n`)),
  'a good signature and a wrong one of the same key': noteOf(
    text,
    LOG_KEY.line(text),
    LOG_KEY.line(`${text}x`),
  ),
  'a wrong signature and a good one of the same key': noteOf(
    text,
    LOG_KEY.line(`${text}x`),
    LOG_KEY.line(text),
  ),
};

/** Notes that say something else than the report. */
const OTHER_TEXTS: Readonly<Record<string, readonly string[]>> = {
  'another report id': put(1, 'rep_01KQN89WGRBPJ4AAGAHJXMZY72'),
  'another SHA-256': put(2, statementLines(other.json)[2] as string),
  'its SHA-256 in hex': put(2, Buffer.from(lines[2] as string, 'base64').toString('hex')),
  'its SHA-256 without padding': put(2, (lines[2] as string).replace('=', '')),
  'another time': put(3, '2026-05-03T21:30:12Z'),
  'its time with milliseconds': put(3, '2026-05-03T21:30:11.000Z'),
  'another origin': put(4, OTHER_ORIGIN),
  'a sixth line': [...lines, 'and more'],
  'no fifth line': lines.slice(0, 4),
  'an empty line at its end': [...lines, ''],
  'two lines swapped': [lines[0], lines[2], lines[1], lines[3], lines[4]] as string[],
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Another last digit that decodes to the same bytes: its two low bits are not used. */
function nextBase64(digit: string): string {
  return ALPHABET[ALPHABET.indexOf(digit) ^ 1] as string;
}

/** Texts that are no note. */
const MALFORMED: Readonly<Record<string, string>> = {
  'without its last line end': note.slice(0, -1),
  'with a byte behind it': `${note}x`,
  'with an empty line behind it': `${note}\n`,
  'with a text behind it': `${note}\nsigned by the clinic\n`,
  'without the empty line': note.replace('\n\n', '\n'),
  'without a signature': text,
  'with an empty line in place of signatures': `${text}\n`,
  'with carriage returns': note.replaceAll('\n', '\r\n'),
  'with a tab': note.replace('2026', '\t2026'),
  'with a hyphen in place of the dash': note.replace('\u2014', '-'),
  'with two spaces before the signature': note.replace(`${ORIGIN} `, `${ORIGIN}  `),
  'with base64 that is not exact': note.replace(
    /[A-Za-z0-9+/]=\n$/,
    (end) => `${nextBase64(end[0] as string)}=\n`,
  ),
  'with base64 without padding': note.replace(/=+\n$/, '\n'),
  'with a key id alone': `${text}\n\u2014 ${ORIGIN} AAAAAA==\n`,
  'with a name that holds a plus': `${text}\n\u2014 a+b ${(note.split(' ').at(-1) as string).trim()}\n`,
  'cut in its middle': note.slice(0, 100),
  'with a word behind the signature': note.replace(/\n$/, ' x\n'),
  'with a letter in place of its last line end': `${note.slice(0, -1)}x`,
  'with a control character in a name beside the right one': `${note}\u2014 a\u0001b ${(note.split(' ').at(-1) as string).trim()}\n`,
};

const bothOf = (changed: string): Buffer[] => [whole.json, Buffer.from(changed)];
const withNote = (changed: string, parts: ReportParts = whole): ReportParts => ({ ...parts, note: changed });

export function statementCases(): CorpusCase[] {
  return [
    ...Object.entries(BAD_SIGNATURES).flatMap(([name, changed]) => [
      oneCase(`statement ${name}, beside the JSON`, bothOf(changed), KEY, 'vx--v---'),
      oneCase(`statement ${name}, in a PDF`, sessionPdf(withNote(changed)), KEY, 'vxvvv---'),
      oneCase(`statement ${name}, without a key`, bothOf(changed), [], '--------'),
    ]),
    ...Object.entries(OTHER_TEXTS).flatMap(([name, changed]) => [
      oneCase(`statement with ${name}, signed`, bothOf(signed(changed)), KEY, 'vx--v---'),
      oneCase(`statement with ${name}, signed, without a key`, bothOf(signed(changed)), [], '-x------'),
      oneCase(
        `statement with ${name}, not signed, in a pack`,
        packOf(withNote(unsigned(changed))),
        KEY,
        'vxvvv---',
      ),
    ]),
    ...Object.entries(MALFORMED).flatMap(([name, changed]) => [
      oneCase(`statement ${name}`, bothOf(changed), KEY, 'vx--v---'),
      oneCase(`statement ${name}, in a PDF without a key`, sessionPdf(withNote(changed)), [], '-x------'),
    ]),
    oneCase(
      'statement of another report of the session',
      [whole.json, Buffer.from(other.note as string)],
      KEY,
      'vx--v---',
    ),
    oneCase(
      'statement of version 2, signed, in a PDF',
      sessionPdf(withNote(signed(put(0, 'masker-evidence/report/v2')))),
      KEY,
      'vxvvv---',
    ),
    oneCase(
      'statement of version 1 with a space, signed',
      bothOf(signed(put(0, 'masker-evidence/report/v1 '))),
      KEY,
      'vx--v---',
    ),
    oneCase(
      'a signed checkpoint in place of the statement',
      sessionPdf(withNote(checkpointOf(LOG))),
      KEY,
      'vxvvv---',
    ),
    oneCase('an empty statement', sessionPdf(withNote('')), KEY, 'vxvvv---'),
    oneCase(
      'statement with a stranger’s signature before the right one',
      bothOf(noteOf(text, OTHER_KEY.line(text), LOG_KEY.line(text))),
      KEY,
      'vv--v---',
    ),
    oneCase(
      'statement with a forger’s signature after the right one',
      bothOf(noteOf(text, LOG_KEY.line(text), FORGER_KEY.line('x'))),
      KEY,
      'vv--v---',
    ),
    oneCase(
      'statement with 16 signatures, the last by the key',
      bothOf(noteOf(text, ...Array.from({ length: 15 }, () => OTHER_KEY.line(text)), LOG_KEY.line(text))),
      KEY,
      'vv--v---',
    ),
    oneCase(
      'statement signed twice',
      bothOf(noteOf(text, LOG_KEY.line(text), LOG_KEY.line(text))),
      KEY,
      'vv--v---',
    ),
    oneCase(
      'statement that is not UTF-8',
      [whole.json, Buffer.concat([Buffer.from(text), Buffer.from('ff0a', 'hex')])],
      KEY,
      'vx--v---',
    ),
    ...openCases(),
    ...changedReports(),
  ];
}

/** A report without evidence: nothing but the key says which origin is right. */
function openCases(): CorpusCase[] {
  const elsewhere = statementLines(open.json, OTHER_ORIGIN);
  const parts = withNote(statementOf(open.json, LOG_KEY, elsewhere), open);
  return [
    oneCase('statement of another origin, signed, on an open session', sessionPdf(parts), KEY, '-x------'),
    oneCase(
      'statement of another origin, signed, on an open session, without a key',
      sessionPdf(parts),
      [],
      '--------',
    ),
    oneCase(
      'forged statement on an open session',
      sessionPdf(withNote(statementOf(open.json, FORGER_KEY), open)),
      KEY,
      '-x------',
    ),
  ];
}

/** The JSON was changed after it had been signed. */
function changedReports(): CorpusCase[] {
  const change = (
    name: string,
    report: NonNullable<Parameters<typeof makeReport>[0]['report']>,
    marks: string,
  ) => {
    const parts = { ...makeReport({ session: SESSIONS.sealed, report }), note };
    return [
      oneCase(`report with ${name} after it was signed, in a PDF`, sessionPdf(parts), KEY, marks),
      oneCase(`report with ${name} after it was signed, in a pack`, packOf(parts), KEY, marks),
    ];
  };
  return [
    ...change('another name of the account', { 'account.name': 'Lakeside Clinic' }, 'vxvvv---'),
    ...change('another time', { generated_at: '2026-05-04T21:30:11Z' }, 'vxvvv---'),
    ...change('another id', { id: 'rep_01KQN89WGRBPJ4AAGAHJXMZY75' }, 'vxvvv---'),
    ...change('one more redaction', { redaction_count: 6 }, 'vxx-v---'),
    ...change('a member that no report has', { approved_by: 'the auditor' }, 'vxvvv---'),
  ];
}
