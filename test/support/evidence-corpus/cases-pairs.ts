// Two reports of one session, and of others.
import { evidenceOf, FORGER_KEY, OTHER_KEY } from './account-log.ts';
import { type CorpusCase, KEY, pairCase } from './case.ts';
import { checkpointPairs, wrongPairs } from './cases-two-files.ts';
import { packOf, sessionPdf } from './containers.ts';
import { edit } from './json-edit.ts';
import { at, BARE, forked, JOINT, OPEN, pdf, report, SEALED, UNSEALED } from './paired-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const UNSIGNED = { key: null, evidence: null } as const;
const OTHER_ROOT = { merkle_root_hex: 'ab'.repeat(32) };
const smallerElsewhere = evidenceOf(at(9, 'sealed'), JOINT.slice(0, -3), [FORGER_KEY]);
const sealedElsewhere = evidenceOf(at(6, 'sealed'), JOINT, [FORGER_KEY]);

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
      'pair: two histories, the first not signed',
      [pdf(sealed, false, UNSIGNED), pdf(forked(9, 'sealed'), true)],
      KEY,
      ['--------', SEALED],
      '-',
    ),
    pairCase(
      'pair: two histories, the second not signed',
      [pdf(sealed), pdf(forked(9, 'sealed'), true, UNSIGNED)],
      KEY,
      [SEALED, '--------'],
      '-',
    ),
    pairCase(
      'pair: an unsealed log whose seal stands in a log that nobody signed, then sealed',
      [pdf(at(6, 'unsealed'), false, { evidence: sealedElsewhere }), pdf(sealed, true)],
      KEY,
      ['vvv-x---', SEALED],
      'v',
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
    pairCase(
      'pair: one size, two roots, and all else the same',
      [sessionPdf(bare), sessionPdf(report(at(6), false, { entries: () => null, report: OTHER_ROOT }))],
      KEY,
      [BARE, BARE],
      'x',
    ),
    pairCase(
      'pair: the smaller states another root, and all else the same',
      [sessionPdf(report(at(3), false, { entries: () => null, report: OTHER_ROOT })), second],
      KEY,
      [BARE, OPEN],
      'x',
    ),
    pairCase(
      'pair: a sealed log, and the same before it ended',
      [pdf(sealed, true), pdf(at(9))],
      KEY,
      [SEALED, OPEN],
      'v',
    ),
    pairCase(
      'pair: the later with a smaller log that nobody signed',
      [pdf(sealed), pdf(sealed, true, { evidence: smallerElsewhere })],
      KEY,
      [SEALED, 'vvv-x---'],
      'v',
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
