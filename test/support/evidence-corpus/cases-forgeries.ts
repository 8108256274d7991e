import { evidenceOf, FORGER_KEY, LOG, LOG_KEY, logOf, WITNESS_FORGED } from './account-log.ts';
import { type CorpusCase, KEY, oneCase, WITNESSES } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { bothOf, changedText, good, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { closedText, SESSIONS } from './sessions.ts';

const { sealed, long } = SESSIONS;
const { checkpoint } = good;

export function goodLogs(): CorpusCase[] {
  const under = (name: string, log: readonly string[]) =>
    oneCase(
      `log: ${name}`,
      sessionPdf(makeReport({ session: sealed, evidence: evidenceOf(sealed, log) })),
      KEY,
      'vvvvv---',
    );
  const alone = closedText(sealed);
  return [
    under('the entry is the only one', [alone]),
    under('the entry is the first of two', [alone, LOG[0] as string]),
    under('the entry is the last of two', [LOG[0] as string, alone]),
    under('the entry is the last of five', [...LOG.slice(2, 6), alone]),
    under('the log has grown to 70 entries', [
      ...LOG,
      ...Array.from({ length: 54 }, (_, i) => changedText({ size: 100 + i })),
    ]),
    oneCase(
      'log: evidence without a verifier key of the right form',
      bothOf(withEvidence({ ...good, verifier_key: 'none' })),
      KEY,
      'vv--v---',
    ),
    oneCase(
      'log: no evidence and no reason',
      bothOf(makeReport({ session: sealed, evidence: null, report: { evidence_missing: null } })),
      KEY,
      'vv------',
    ),
    oneCase(
      'log: a report of a revision before the log',
      bothOf(
        makeReport({
          session: sealed,
          report: { evidence: undefined, evidence_missing: undefined, revision: 3 },
        }),
      ),
      KEY,
      'vv------',
    ),
  ];
}

/** Reports that were invented whole, in an account's name, by somebody who has read the code and has keys of his own. */
export function forgeries(): CorpusCase[] {
  const evidence = evidenceOf(long, logOf([long]), [FORGER_KEY, WITNESS_FORGED]);
  const invented = makeReport({ session: long, evidence, key: FORGER_KEY });
  const real = makeReport({ session: long, evidence: { ...evidence, checkpoint }, key: FORGER_KEY });
  const theirs = makeReport({
    session: long,
    evidence: { ...evidence, verifier_key: LOG_KEY.vkey },
    key: FORGER_KEY,
  });
  return [
    oneCase(
      'forgery: invented whole, its key in the file, in a PDF',
      sessionPdf(invented),
      [...KEY, ...WITNESSES],
      '-x--x---',
    ),
    oneCase('forgery: invented whole, its key in the file, in a pack', packOf(invented), KEY, '-x--x---'),
    oneCase('forgery: invented whole, its key in the file, as JSON', bothOf(invented), KEY, '-x--x---'),
    oneCase('forgery: invented whole, without a key', sessionPdf(invented), WITNESSES, '--------'),
    oneCase(
      'forgery: invented whole, believed with the forger’s key',
      sessionPdf(invented),
      ['--key', FORGER_KEY.vkey],
      'vvvvv---',
    ),
    oneCase('forgery: invented whole, under a real checkpoint', sessionPdf(real), KEY, '-x--x---'),
    oneCase('forgery: invented whole, the real key named in the file', sessionPdf(theirs), KEY, '-x--x---'),
    oneCase(
      'forgery: no statement, no evidence',
      sessionPdf(makeReport({ session: long, evidence: null, key: null })),
      KEY,
      '--------',
    ),
    oneCase(
      'forgery: the real evidence, no statement, other names',
      sessionPdf(makeReport({ session: sealed, key: null, report: { 'account.name': 'Lakeside Clinic' } })),
      KEY,
      'v-vvv---',
    ),
  ];
}
