import {
  type Evidence,
  evidenceOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  tlogPartsOf,
  tlogProofOf,
} from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase, WITNESSES } from './case.ts';
import { packOf } from './containers.ts';
import { flip, withSignature } from './keys.ts';
import { changedText, good, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { closedText, SESSIONS } from './sessions.ts';
import { base64 } from './trees.ts';

const { sealed, unsealed, long } = SESSIONS;
const { checkpoint, inclusion, log_index: index } = good;

/** The proof and the entry that stand beside the report in a pack. */
export function packProofs(): CorpusCase[] {
  const parts = makeReport({ session: sealed });
  const replaced = (file: string, text: string) =>
    packOf(parts, (files) =>
      files.map((each) => (each.name === file ? { ...each, bytes: Buffer.from(text) } : each)),
    );
  const proof = (evidence: Evidence) => packOf({ ...parts, evidence });
  const unlogged = makeReport({ session: sealed, evidence: null, missing: 'not logged yet' });
  const newer = evidenceOf(sealed, [...LOG, changedText({ size: 99 })]);
  return [
    oneCase('pack: a proof under a newer checkpoint', proof(newer), [...KEY, ...WITNESSES], 'vvvvvv--'),
    oneCase(
      'pack: a proof where the report has none',
      packOf({ ...unlogged, evidence: good }),
      [...KEY, ...WITNESSES],
      'vvvvvv--',
    ),
    oneCase(
      'pack: an entry of the log without a proof, where the report has none',
      packOf({ ...unlogged, evidence: good }, (files) =>
        files.filter(({ name }) => name !== 'session.tlog-proof'),
      ),
      [...KEY, ...MACS],
      'vvv----v',
    ),
    oneCase(
      'pack: a wrong proof where the report has none',
      packOf({ ...unlogged, evidence: { ...good, log_index: 0 } }),
      KEY,
      'vvv-x---',
    ),
    oneCase('pack: a proof by a forger', proof(evidenceOf(sealed, LOG, [FORGER_KEY])), KEY, 'vvv-x---'),
    oneCase(
      'pack: a proof by a forger, without a key',
      proof(evidenceOf(sealed, LOG, [FORGER_KEY])),
      [],
      '--------',
    ),
    oneCase('pack: the proof of another session', proof(evidenceOf(unsealed)), KEY, 'vvv-x---'),
    oneCase(
      'pack: the proof of another session, without its entry',
      packOf({ ...parts, evidence: evidenceOf(unsealed) }, (files) =>
        files.filter(({ name }) => name !== 'session_closed.json'),
      ),
      KEY,
      'vvv-x---',
    ),
    oneCase('pack: a proof at another index', proof({ ...good, log_index: index + 1 }), KEY, 'vvv-x---'),
    oneCase(
      'pack: a proof with a hash missing',
      proof({ ...good, inclusion: inclusion.slice(1) }),
      [],
      '----x---',
    ),
    oneCase(
      'pack: the entry of another session beside the report',
      replaced('session_closed.json', closedText(long)),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'pack: the right proof with the entry of another session',
      replaced(
        'session.tlog-proof',
        tlogProofOf({ ...tlogPartsOf(good), extra: base64(Buffer.from(closedText(long))) }),
      ),
      KEY,
      'vvv-x---',
    ),
    oneCase('pack: the proof is a text', replaced('session.tlog-proof', 'proof\n'), KEY, 'vvv-x---'),
    oneCase('pack: the proof is empty', replaced('session.tlog-proof', ''), [], '----x---'),
    oneCase(
      'pack: a cosignature wrong in the proof alone',
      proof({ ...good, checkpoint: withSignature(checkpoint, 1, (bytes) => flip(bytes, 99)) }),
      [...KEY, ...WITNESSES],
      'vvvvvx--',
    ),
    oneCase(
      'pack: cosignatures in the proof alone',
      packOf({ ...withEvidence(evidenceOf(sealed, LOG, [LOG_KEY])), evidence: good }),
      [...KEY, ...WITNESSES],
      'vvvvvv--',
    ),
    oneCase(
      'pack: the proof wrong, of evidence that is right',
      proof({ ...good, checkpoint: withSignature(checkpoint, 0, (bytes) => flip(bytes, 99)) }),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'pack: the evidence wrong, beside a proof that is right',
      packOf({ ...withEvidence({ ...good, log_index: index + 1 }), evidence: good }),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'pack: no proof and no entry, evidence in the report',
      packOf({ ...parts, evidence: null }),
      KEY,
      'vvvvv---',
    ),
  ];
}
