// More good files: every kind of session, every container, files of audit keys, demanded axes.
import { FORGER_KEY, RETIRED_KEY, WITNESS_2 } from './account-log.ts';
import {
  type Argument,
  AUDIT_KEY_LINE,
  type CorpusCase,
  KEY,
  MACS,
  oneCase,
  saying,
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
const auditKeys = (text: string) => ['--audit-key-file', Buffer.from(text)];

const set = (marks: string, at: number, mark: string) => `${marks.slice(0, at)}${mark}${marks.slice(at + 1)}`;

export function moreGood(): CorpusCase[] {
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
    saying(oneCase('PDF of a session of one entry', sessionPdf(first), KEY, 'vvvvv---'), {
      bytes: 'bookmarks.* screen reader',
      pages: 'bookmarks.* screen reader',
    }),
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
    oneCase('PDF on an account without a statement', widePdf(makeWide({ key: null })), KEY, 'v---v---'),
    oneCase(
      'PDF on an account without a session or a statement',
      widePdf(makeWide({ sessions: [], key: null })),
      KEY,
      '--------',
    ),
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

export function auditKeyFiles(): CorpusCase[] {
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

export function required(): CorpusCase[] {
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
