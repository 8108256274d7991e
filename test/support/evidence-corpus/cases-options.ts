// Good files of every kind, with every choice of keys.
import {
  FORGER_KEY,
  OTHER_KEY,
  RETIRED_KEY,
  SAME_KEY_OTHER_NAME,
  WITNESS_1,
  WITNESS_AWAY,
  WITNESS_FORGED,
} from './account-log.ts';
import {
  type Argument,
  AUDIT_KEY_LINE,
  type CorpusCase,
  type Files,
  KEY,
  MACS,
  oneCase,
  WITNESSES,
} from './case.ts';
import { auditKeyFiles, moreGood, required } from './cases-good.ts';
import { packOf, sessionPdf } from './containers.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import { makeReport } from './session-reports.ts';
import { AUDIT_KEY, OTHER_ACCOUNT, SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const { sealed, unsealed, open, empty, long } = SESSIONS;
const asNote = (parts: ReturnType<typeof makeReport>): Buffer[] => [
  parts.json,
  Buffer.from(parts.note as string),
];

const whole = makeReport({ session: sealed });
const wide = makeWide();

/** A good file with the marks that it has under the right key, and whether it holds a note, a checkpoint, entries. */
type Good = Readonly<{ name: string; files: Files; marks: string; has: string }>;

/** `n` a note, `c` a checkpoint, `e` entries with their hashes. */
const GOOD: readonly Good[] = [
  { name: 'PDF of a sealed session', files: sessionPdf(whole), marks: 'vvvvv---', has: 'nce' },
  {
    name: 'pack of a sealed session',
    files: packOf(whole, undefined, undefined, sessionPdf(whole)),
    marks: 'vvvvv---',
    has: 'nce',
  },
  { name: 'JSON and its statement', files: asNote(whole), marks: 'vv--v---', has: 'nc' },
  { name: 'JSON alone', files: whole.json, marks: 'v---v---', has: 'c' },
  {
    name: 'PDF of an unsealed session',
    files: sessionPdf(makeReport({ session: unsealed })),
    marks: 'vvv-v---',
    has: 'nce',
  },
  {
    name: 'PDF of an open session',
    files: sessionPdf(makeReport({ session: open })),
    marks: 'vvv-----',
    has: 'ne',
  },
  {
    name: 'PDF of a session without an entry',
    files: sessionPdf(makeReport({ session: empty })),
    marks: 'vvvvv---',
    has: 'nce',
  },
  {
    name: 'PDF without the entries',
    files: sessionPdf(makeReport({ session: long, entries: () => null })),
    marks: 'vv--v---',
    has: 'nc',
  },
  {
    name: 'PDF without a statement',
    files: sessionPdf(makeReport({ session: long, key: null })),
    marks: 'v-vvv---',
    has: 'ce',
  },
  { name: 'event proof', files: eventProof(sealed, 4), marks: 'v-v-v---', has: 'ce' },
  { name: 'range proof of all entries', files: rangeProof(sealed, 0, 7), marks: 'v-vvv---', has: 'ce' },
  { name: 'range proof of a stretch', files: rangeProof(long, 3, 8), marks: 'v-v-v---', has: 'ce' },
  { name: 'PDF on an account', files: widePdf(wide), marks: 'vvvvv---', has: 'nc' },
];

type Choice = Readonly<{ name: string; options: readonly Argument[]; marks: (good: Good) => string }>;

const set = (marks: string, at: number, mark: string) => `${marks.slice(0, at)}${mark}${marks.slice(at + 1)}`;
const wrongKey = ({ has }: Good) => `-${has.includes('n') ? 'x' : '-'}--${has.includes('c') ? 'x' : '-'}---`;
const same = ({ marks }: Good) => marks;
const witnessed =
  (mark: string) =>
  ({ marks }: Good) =>
    set(marks, 5, marks[4] === 'v' ? mark : '-');
const macs =
  (mark: string) =>
  ({ marks, has }: Good) =>
    set(marks, 7, has.includes('e') ? mark : '-');
const nothing = () => '--------';
const witnesses = (...keys: { vkey: string }[]) => keys.flatMap(({ vkey }) => ['--witness', vkey]);
const auditKeys = (text: string) => ['--audit-key-file', Buffer.from(text)];
const WRONG_LINE = `${AUDIT_KEY.id}:${'11'.repeat(32)}\n`;

const CHOICES: readonly Choice[] = [
  { name: 'the right key', options: KEY, marks: same },
  { name: 'no key', options: [], marks: nothing },
  { name: "another account's key", options: ['--key', OTHER_KEY.vkey], marks: wrongKey },
  { name: 'a key of the right name', options: ['--key', FORGER_KEY.vkey], marks: wrongKey },
  {
    name: 'the right public key under another name',
    options: ['--key', SAME_KEY_OTHER_NAME.vkey],
    marks: wrongKey,
  },
  { name: 'the retired key and the right one', options: ['--key', RETIRED_KEY.vkey, ...KEY], marks: same },
  { name: 'the right key twice', options: [...KEY, ...KEY], marks: same },
  { name: 'both witnesses', options: [...KEY, ...WITNESSES], marks: witnessed('v') },
  {
    name: 'a witness that was away',
    options: [...KEY, ...witnesses(WITNESS_1, WITNESS_AWAY)],
    marks: witnessed('-'),
  },
  {
    name: 'a key that only has the name of a witness',
    options: [...KEY, ...witnesses(WITNESS_FORGED)],
    marks: witnessed('-'),
  },
  { name: 'witnesses and no key', options: [...WITNESSES], marks: nothing },
  { name: 'the audit key', options: [...KEY, ...MACS], marks: macs('v') },
  {
    name: 'the audit key and no other',
    options: [...MACS],
    marks: ({ has }) => set('--------', 7, has.includes('e') ? 'v' : '-'),
  },
  { name: 'a wrong audit key', options: [...KEY, ...auditKeys(WRONG_LINE)], marks: macs('x') },
  {
    name: 'an audit key of another id',
    options: [...KEY, ...auditKeys(`k_other:${'5a'.repeat(32)}\n`)],
    marks: macs('-'),
  },
  {
    name: "another account's audit key",
    options: [...KEY, ...auditKeys(`${AUDIT_KEY_LINE};account=${OTHER_ACCOUNT}`)],
    marks: macs('x'),
  },
];

export function optionCases(): CorpusCase[] {
  return [
    ...GOOD.flatMap((good) =>
      CHOICES.map(({ name, options, marks }) =>
        oneCase(`${good.name}, with ${name}`, good.files, options, marks(good)),
      ),
    ),
    ...moreGood(),
    ...auditKeyFiles(),
    ...required(),
  ];
}
