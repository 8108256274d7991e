// Two reports of one session, and of others.
import {
  checkpointOf,
  type Evidence,
  evidenceOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  OTHER_KEY,
  OTHER_ORIGIN,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase, pairCase, refusedCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { eventProof } from './event-proofs.ts';
import { edit } from './json-edit.ts';
import { makeReport, type ReportTraits } from './session-reports.ts';
import { type CorpusSession, closedText, makeSession, SESSIONS, writeEntries } from './sessions.ts';
import { base64, inclusionOf } from './trees.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const name = '07';
const grown = makeSession({ name, size: 9 });
const at = (size: number, state: 'open' | 'unsealed' | 'sealed' = 'open') =>
  makeSession({ name, size, state, entries: grown.entries.slice(0, size) });
/** The same session with another entry in its middle, and all that follows signed by the audit key. */
const forked = (size: number, state: 'open' | 'sealed' = 'open') => {
  const other = writeEntries(
    grown,
    [{ entity_kind: 'SSN', pass: 'regex', confidence: 1 }],
    grown.entries.slice(0, 2),
  );
  const extras = Array.from({ length: size - 3 }, () => ({
    entity_kind: 'NAME',
    pass: 'gemma',
    confidence: 1,
  }));
  return makeSession({ name, size, state, entries: writeEntries(grown, extras, other) });
};

const IDS = ['rep_01KQN89WGRBPJ4AAGAHJXMZY81', 'rep_01KQN89WGRBPJ4AAGAHJXMZY82'] as const;

/** One log for all of them, also for those that contradict each other. */
const JOINT = [
  ...LOG,
  ...[at(6, 'unsealed'), at(9, 'sealed'), at(6, 'sealed'), at(3, 'sealed'), forked(9, 'sealed')].map(
    closedText,
  ),
];

function logged(session: CorpusSession): Evidence | null {
  return session.endedAt === null ? null : evidenceOf(session, JOINT);
}

const report = (session: CorpusSession, second = false, traits: Partial<ReportTraits> = {}) =>
  makeReport({ session, evidence: logged(session), reportId: IDS[second ? 1 : 0], ...traits });
const pdf = (session: CorpusSession, second = false, traits: Partial<ReportTraits> = {}) =>
  sessionPdf(report(session, second, traits));

const OPEN = 'vvv-----';
const SEALED = 'vvvvv---';
const UNSEALED = 'vvv-v---';
const BARE = 'vv------';

export function pairCases(): CorpusCase[] {
  const sealed = at(9, 'sealed');
  const [first, second] = [pdf(at(3)), pdf(at(6), true)];
  const bare = report(at(6), true, { entries: () => null });
  const altered = report(at(6), true, {
    entries: (texts) => texts.with(4, edit(texts[4] as string, { kid: 'K_OTHER' })),
  });
  return [
    pairCase('pair: the same file twice', [first, first], KEY, [OPEN, OPEN], 'v'),
    pairCase('pair: two reports of one log', [first, pdf(at(3), true)], KEY, [OPEN, OPEN], 'v'),
    pairCase(
      'pair: two reports of a sealed log',
      [pdf(sealed), pdf(sealed, true)],
      KEY,
      [SEALED, SEALED],
      'v',
    ),
    pairCase('pair: the second extends the first', [first, second], KEY, [OPEN, OPEN], 'v'),
    pairCase('pair: the first extends the second', [second, first], KEY, [OPEN, OPEN], 'v'),
    pairCase('pair: an open log, then sealed', [first, pdf(sealed, true)], KEY, [OPEN, SEALED], 'v'),
    pairCase(
      'pair: an unsealed log, then sealed',
      [pdf(at(6, 'unsealed')), pdf(sealed, true)],
      KEY,
      [UNSEALED, SEALED],
      'v',
    ),
    pairCase('pair: an empty log, then an entry', [pdf(at(0)), pdf(at(1), true)], KEY, [OPEN, OPEN], 'v'),
    pairCase('pair: a PDF and a pack', [first, packOf(report(sealed, true))], KEY, [OPEN, SEALED], 'v'),
    pairCase(
      'pair: a JSON and a PDF, the JSON not signed',
      [report(at(3)).json, second],
      KEY,
      ['--------', OPEN],
      '-',
    ),
    pairCase(
      'pair: --require relation',
      [first, second],
      [...KEY, '--require', 'relation'],
      [OPEN, OPEN],
      'v',
    ),
    pairCase(
      'pair: --require relation, not checked',
      [first, sessionPdf(bare)],
      [...KEY, '--require', 'relation'],
      [OPEN, BARE],
      '-',
    ),
    pairCase('pair: --require log, open', [first, second], [...KEY, '--require', 'log'], [OPEN, OPEN], 'v'),
    pairCase('pair: without a key', [first, second], [], ['--------', '--------'], '-'),
    pairCase(
      'pair: contradictory, without a key',
      [first, pdf(forked(3), true)],
      [],
      ['--------', '--------'],
      '-',
    ),
    pairCase(
      'pair: with a wrong key',
      [first, second],
      ['--key', OTHER_KEY.vkey],
      ['-x------', '-x------'],
      '-',
    ),
    pairCase(
      'pair: the second by a forger',
      [first, pdf(forked(3), true, { key: FORGER_KEY })],
      KEY,
      [OPEN, '-x------'],
      '-',
    ),
    pairCase(
      'pair: the second without a statement',
      [first, pdf(forked(3), true, { key: null })],
      KEY,
      [OPEN, '--------'],
      '-',
    ),
    pairCase('pair: the larger without its entries', [first, sessionPdf(bare)], KEY, [OPEN, BARE], '-'),
    pairCase(
      'pair: the smaller without its entries',
      [sessionPdf(report(at(3), false, { entries: () => null })), second],
      KEY,
      [BARE, OPEN],
      'v',
    ),
    pairCase(
      'pair: the larger with altered entries',
      [first, sessionPdf(altered)],
      KEY,
      [OPEN, 'vvx-----'],
      '-',
    ),
    pairCase('pair: one size, two roots', [first, pdf(forked(3), true)], KEY, [OPEN, OPEN], 'x'),
    pairCase(
      'pair: one size, two roots, the other way round',
      [pdf(forked(3)), pdf(at(3), true)],
      KEY,
      [OPEN, OPEN],
      'x',
    ),
    pairCase(
      'pair: one size, two roots, of sealed logs',
      [pdf(sealed), pdf(forked(9, 'sealed'), true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: one size, two roots, without the entries',
      [sessionPdf(bare), pdf(forked(6), true)],
      KEY,
      [BARE, OPEN],
      'x',
    ),
    pairCase(
      'pair: one size, two roots, one proved by the log alone',
      [pdf(sealed), sessionPdf({ ...report(forked(9, 'sealed'), true), note: null })],
      KEY,
      [SEALED, 'v-vvv---'],
      'x',
    ),
    pairCase('pair: the larger does not hold the smaller', [pdf(forked(3)), second], KEY, [OPEN, OPEN], 'x'),
    pairCase(
      'pair: the larger does not hold the smaller, the other way round',
      [pdf(forked(6)), pdf(at(3), true)],
      KEY,
      [OPEN, OPEN],
      'x',
    ),
    pairCase(
      'pair: a sealed log that grew',
      [pdf(at(6, 'sealed')), pdf(sealed, true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: a sealed log that grew, the larger first',
      [pdf(sealed), pdf(at(6, 'sealed'), true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: a sealed log that grew, the larger without its entries',
      [pdf(at(3, 'sealed')), sessionPdf(bare)],
      KEY,
      [SEALED, BARE],
      'x',
    ),
    pairCase(
      'pair: a log sealed in the log alone that grew',
      [
        pdf(at(6, 'sealed'), false, {
          report: { 'audit_log.state': 'unsealed: the tail may have been cut' },
        }),
        pdf(sealed, true),
      ],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: a log sealed in the report alone that grew',
      [pdf(at(6, 'sealed'), false, { evidence: null, missing: 'not logged yet' }), pdf(sealed, true)],
      KEY,
      [OPEN, SEALED],
      'x',
    ),
    pairCase(
      'pair: two sessions',
      [pdf(SESSIONS.sealed), pdf(SESSIONS.long, true)],
      KEY,
      [SEALED, SEALED],
      '-',
    ),
    pairCase('pair: a session and an account', [first, widePdf(makeWide())], KEY, [OPEN, SEALED], '-'),
    pairCase(
      'pair: an account twice',
      [widePdf(makeWide()), widePdf(makeWide())],
      KEY,
      [SEALED, SEALED],
      '-',
    ),
    pairCase(
      'pair: the second damaged',
      [first, Buffer.concat([second, Buffer.from('\n')])],
      KEY,
      [OPEN, 'x-------'],
      '-',
    ),
    ...checkpointPairs(),
    ...wrongPairs(first),
  ];
}

/** Two checkpoints of one log that cannot both be true. */
function checkpointPairs(): CorpusCase[] {
  const { sealed, long } = SESSIONS;
  const other = [...LOG.slice(0, -1), (LOG.at(-1) as string).replace('retention', 'erasure')];
  const longer = [...LOG, LOG[0] as string];
  const one = (
    log: readonly string[],
    session: CorpusSession,
    second = false,
    key: typeof LOG_KEY | null = LOG_KEY,
  ) => pdf(session, second, { evidence: evidenceOf(session, log), key });
  const elsewhere = pdf(sealed, true, {
    evidence: evidenceOf(sealed, other, [OTHER_KEY], OTHER_ORIGIN),
    key: OTHER_KEY,
  });
  const index = LOG.indexOf(closedText(sealed));
  const wrong = {
    ...evidenceOf(sealed),
    checkpoint: checkpointOf(other),
    log_index: index,
    inclusion: inclusionOf(LOG, index).map(base64),
  };
  return [
    pairCase(
      'pair: two roots of one log at one size',
      [one(LOG, sealed), one(other, sealed, true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: two roots of one log at one size, of two sessions',
      [one(LOG, sealed), one(other, long, true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: two roots of one log at one size, without statements',
      [one(LOG, sealed, false, null), one(other, sealed, true, null)],
      KEY,
      ['v-vvv---', 'v-vvv---'],
      'x',
    ),
    pairCase(
      'pair: two roots of one log at one size, of an account and a session',
      [widePdf(makeWide()), one(other, sealed, true)],
      KEY,
      [SEALED, SEALED],
      'x',
    ),
    pairCase(
      'pair: two sizes of one log',
      [one(LOG, sealed), one(longer, sealed, true)],
      KEY,
      [SEALED, SEALED],
      'v',
    ),
    pairCase(
      'pair: two roots, the second not proved',
      [one(LOG, sealed), pdf(sealed, true, { evidence: wrong })],
      KEY,
      [SEALED, 'vvv-x---'],
      'v',
    ),
    pairCase('pair: two origins', [one(LOG, sealed), elsewhere], KEY, [SEALED, '-x--x---'], '-'),
  ];
}

function wrongPairs(first: Buffer): CorpusCase[] {
  const whole = makeReport({ session: SESSIONS.sealed });
  const note = Buffer.from(whole.note as string);
  const proof = eventProof(SESSIONS.sealed, 2);
  const refused = (what: string, ...files: Buffer[]) =>
    refusedCase(`two files: ${what}`, [...files, ...KEY], 64);
  return [
    refused('a report and an event proof', first, proof),
    refused('two event proofs', proof, proof),
    refused('an event proof and a statement', proof, note),
    refused('two statements', note, note),
    refused('a PDF and a statement', first, note),
    refused('three files', first, first, first),
    refusedCase('two files: a report and a stranger', [first, Buffer.from('hello'), ...KEY], 1),
    oneCase(
      'two files: a JSON that cannot be read and a statement',
      [Buffer.from('{"report":'), note],
      KEY,
      'x-------',
    ),
    pairCase(
      'two files: a PDF and a JSON that cannot be read',
      [first, Buffer.from('{"report":')],
      KEY,
      [OPEN, 'x-------'],
      '-',
    ),
  ];
}
