// Good files of every kind, with every choice of keys.
import {
  FORGER_KEY,
  OTHER_KEY,
  RETIRED_KEY,
  SAME_KEY_OTHER_NAME,
  WITNESS_1,
  WITNESS_2,
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
import { packOf, sessionPdf } from './containers.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import { makeReport, statementOf } from './session-reports.ts';
import { AUDIT_KEY, OTHER_ACCOUNT, SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const { sealed, unsealed, open, empty, single, long } = SESSIONS;
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

function moreGood(): CorpusCase[] {
  const agent = makeWide({ scope: 'agent' });
  const first = makeReport({ session: single });
  const late = makeReport({ session: sealed, evidence: null, missing: 'not logged yet' });
  const noLog = makeReport({ session: sealed, evidence: null, missing: 'no log' });
  return [
    oneCase('statement first, then the JSON', asNote(whole).reverse(), KEY, 'vv--v---'),
    oneCase('pack without a PDF', packOf(whole), KEY, 'vvvvv---'),
    oneCase(
      'pack of which every file is stored',
      packOf(whole, (files) => files.map((file) => ({ ...file, deflate: false }))),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'pack of which every file is deflated',
      packOf(whole, (files) => files.map((file) => ({ ...file, deflate: true }))),
      KEY,
      'vvvvv---',
    ),
    oneCase('pack of an unsealed session', packOf(makeReport({ session: unsealed })), KEY, 'vvv-v---'),
    oneCase('pack of an open session', packOf(makeReport({ session: open })), KEY, 'vvv-----'),
    oneCase('pack of a session without an entry', packOf(makeReport({ session: empty })), KEY, 'vvvvv---'),
    oneCase('pack without the entries', packOf(whole, without('entries.ndjson')), KEY, 'vv--v---'),
    oneCase('pack without the statement', packOf(whole, without('report.note')), KEY, 'v-vvv---'),
    oneCase('pack without the policy', packOf(whole, without('policy.yaml')), KEY, 'vvvvv---'),
    oneCase('pack without the tlog-proof', packOf(whole, without('session.tlog-proof')), KEY, 'vvvvv---'),
    oneCase('PDF of a session of one entry', sessionPdf(first), KEY, 'vvvvv---'),
    oneCase('PDF of a session that is not logged yet', sessionPdf(late), KEY, 'vvv-----'),
    oneCase('PDF of a session without a log', sessionPdf(noLog), KEY, 'vvv-----'),
    oneCase(
      'PDF without a statement or evidence',
      sessionPdf(makeReport({ session: open, key: null })),
      KEY,
      '--------',
    ),
    oneCase('event proof in a session of one entry', eventProof(single, 0), KEY, 'v-v-v---'),
    ...[0, 1, 5, 6].map((index) =>
      oneCase(`event proof of entry ${index}`, eventProof(sealed, index), [...KEY, ...MACS], 'v-v-v--v'),
    ),
    oneCase('event proof of the last of 13 entries', eventProof(long, 12), KEY, 'v-v-v---'),
    oneCase('range proof from the start', rangeProof(long, 0, 5), KEY, 'v-v-v---'),
    oneCase('range proof to the end', rangeProof(long, 9, 13), [...KEY, ...MACS], 'v-v-v--v'),
    oneCase('range proof of one entry', rangeProof(long, 6, 7), KEY, 'v-v-v---'),
    oneCase('range proof of all entries of an unsealed session', rangeProof(unsealed, 0, 5), KEY, 'v-v-v---'),
    oneCase('range proof of all of one entry', rangeProof(single, 0, 1), KEY, 'v-vvv---'),
    oneCase('PDF on an agent', widePdf(agent), [...KEY, ...WITNESSES], 'vvvvvv--'),
    oneCase('PDF on an agent, with the audit key', widePdf(agent), [...KEY, ...MACS], 'vvvvv---'),
    oneCase(
      'PDF on an account whose sessions are all open',
      widePdf(makeWide({ sessions: [open] })),
      KEY,
      'vvvvv---',
    ),
    oneCase('PDF on an account without a session', widePdf(makeWide({ sessions: [] })), KEY, 'vvvvv---'),
    oneCase('PDF on an account without a log', widePdf(makeWide({ noLog: true })), KEY, 'vvv-----'),
    oneCase('PDF on an account without a statement', widePdf(makeWide({ key: null })), KEY, 'v-vvv---'),
    oneCase(
      'PDF on an account, a session not logged yet',
      widePdf(makeWide({ unlogged: [sealed] })),
      KEY,
      'vvv-v---',
    ),
    oneCase(
      'PDF on an account, no session logged yet',
      widePdf(makeWide({ unlogged: Object.values(SESSIONS) })),
      KEY,
      'vvv-v---',
    ),
    oneCase('PDF on an account, a line missing', widePdf(makeWide({ unlined: [long] })), KEY, 'vvv-v---'),
    oneCase(
      'JSON on an account and its statement',
      [wide.json, Buffer.from(wide.note as string)],
      KEY,
      'vvv-----',
    ),
    oneCase('JSON on an account alone', wide.json, KEY, '--------'),
    oneCase('JSON on an account alone, with a wrong key', wide.json, ['--key', FORGER_KEY.vkey], '----x---'),
    oneCase('a statement alone', Buffer.from(whole.note as string), KEY, '--------'),
    oneCase(
      'statement by the old key, checkpoint by the new, both given',
      [whole.json, Buffer.from(statementOf(whole.json, RETIRED_KEY))],
      ['--key', RETIRED_KEY.vkey, ...KEY],
      'vv--v---',
    ),
    oneCase(
      'statement by the old key, checkpoint by the new, the old given',
      [whole.json, Buffer.from(statementOf(whole.json, RETIRED_KEY))],
      ['--key', RETIRED_KEY.vkey],
      'vv--x---',
    ),
    oneCase(
      'JSON alone, cosigned by one of two witnesses',
      makeReport({ session: sealed, evidence: cosignedByOne() }).json,
      [...KEY, ...WITNESSES],
      'v---v---',
    ),
  ];
}

const cosignedByOne = () => {
  const evidence = makeReport({ session: sealed }).evidence as NonNullable<typeof whole.evidence>;
  const lines = evidence.checkpoint.split('\n');
  return { ...evidence, checkpoint: lines.filter((line) => !line.includes(WITNESS_2.name)).join('\n') };
};

const without =
  (name: string) =>
  <Entry extends { name: string }>(files: Entry[]): Entry[] =>
    files.filter((file) => file.name !== name);

function auditKeyFiles(): CorpusCase[] {
  const pdf = sessionPdf(whole);
  const file = (name: string, text: string, mark: string) =>
    oneCase(`audit keys: ${name}`, pdf, [...KEY, ...auditKeys(text)], set('vvvvv---', 7, mark));
  const other = `k_other:${'22'.repeat(32)}`;
  return [
    file('among others, a line each', `${other}\n${AUDIT_KEY_LINE}\n`, 'v'),
    file('among others, separated by commas', `${other},${AUDIT_KEY_LINE}`, 'v'),
    file('bound to the account', `${AUDIT_KEY_LINE};account=${sealed.accountId}`, 'v'),
    file(
      'bound to two accounts',
      `${AUDIT_KEY_LINE};account=${OTHER_ACCOUNT};account=${sealed.accountId}`,
      'v',
    ),
    file(
      'in force at the start',
      `${AUDIT_KEY_LINE};not_before=2026-05-01T00:00:00Z;not_after=2026-05-03T00:00:00Z`,
      'v',
    ),
    file('in force after the start alone', `${AUDIT_KEY_LINE};not_before=2026-05-03T00:00:00Z`, 'x'),
    file('in force before the start alone', `${AUDIT_KEY_LINE};not_after=2026-05-02T00:00:00Z`, 'x'),
    file('in capitals', `${AUDIT_KEY.id}:${'5A'.repeat(32)}`, 'v'),
    oneCase(
      'audit keys and an open session',
      sessionPdf(makeReport({ session: open })),
      [...KEY, ...MACS],
      'vvv----v',
    ),
    oneCase(
      'audit keys and an unsealed session',
      sessionPdf(makeReport({ session: unsealed })),
      [...KEY, ...MACS],
      'vvv-v--v',
    ),
  ];
}

function required(): CorpusCase[] {
  const pdf = sessionPdf(whole);
  const requiring = (axes: string, options: readonly Argument[], marks: string) =>
    oneCase(
      `PDF, --require ${axes}${options.length > 2 ? ', with more keys' : ''}`,
      pdf,
      [...options, '--require', axes],
      marks,
    );
  return [
    requiring('statement', KEY, 'vvvvv---'),
    requiring('bytes,statement,entries,completeness,log', KEY, 'vvvvv---'),
    requiring('witnesses', KEY, 'vvvvv---'),
    requiring('witnesses', [...KEY, ...WITNESSES], 'vvvvvv--'),
    requiring('macs', KEY, 'vvvvv---'),
    requiring('pages', KEY, 'vvvvv---'),
    requiring('log,macs', [...KEY, ...MACS], 'vvvvv--v'),
    requiring('relation', KEY, 'vvvvv---'),
    oneCase(
      'event proof, --require statement',
      eventProof(sealed, 2),
      [...KEY, '--require', 'statement'],
      'v-v-v---',
    ),
    oneCase('event proof, --require log', eventProof(sealed, 2), [...KEY, '--require', 'log'], 'v-v-v---'),
    oneCase(
      'PDF of an unsealed session, --require completeness',
      sessionPdf(makeReport({ session: unsealed })),
      [...KEY, '--require', 'completeness'],
      'vvv-v---',
    ),
    oneCase(
      'PDF with a wrong key, --require statement',
      pdf,
      ['--key', FORGER_KEY.vkey, '--require', 'statement'],
      '-x--x---',
    ),
  ];
}
