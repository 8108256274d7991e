// Evidence and proofs with one thing wrong that a single check sees.
import {
  evidenceOf,
  LOG,
  LOG_KEY,
  logOf,
  ORIGIN,
  OTHER_KEY,
  OTHER_ORIGIN,
  tlogPartsOf,
  tlogProofOf,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { eventProof } from './event-proofs.ts';
import { noteOf } from './keys.ts';
import { good, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { closedText, SESSIONS } from './sessions.ts';
import { base64, sha256 } from './trees.ts';
import type { ZipEntry } from './zip-writer.ts';

const { sealed } = SESSIONS;
const whole = makeReport({ session: sealed });
const late = {
  ...makeReport({ session: sealed, evidence: null, missing: 'not logged yet' }),
  evidence: good,
};

const ONE = Buffer.of(1);
/** A signed checkpoint of a size and a root that need not fit. */
const signedLog = (size: number, root: Uint8Array) => {
  const text = `${ORIGIN}\n${size}\n${base64(root)}\n`;
  return noteOf(text, LOG_KEY.line(text));
};

export function singleProofCases(): CorpusCase[] {
  const alone = evidenceOf(sealed, [closedText(sealed)]);
  const evidence = (name: string, value: unknown) =>
    oneCase(`evidence: ${name}`, sessionPdf(withEvidence(value)), KEY, 'vvv-x---');
  const without =
    (...names: string[]) =>
    (entries: ZipEntry[]) =>
      entries.filter(({ name }) => !names.includes(name));
  const other = Buffer.from(closedText({ ...sealed, seal: 'ab'.repeat(32) }));
  const otherEntry = (entries: ZipEntry[]) =>
    entries.map((entry) => (entry.name === 'session_closed.json' ? { ...entry, bytes: other } : entry));
  const inOther = tlogProofOf(tlogPartsOf(evidenceOf(sealed, logOf([sealed]), [OTHER_KEY], OTHER_ORIGIN)));
  const withProof = (entries: ZipEntry[], text: string) =>
    entries.map((entry) =>
      entry.name === 'session.tlog-proof' ? { ...entry, bytes: Buffer.from(text) } : entry,
    );
  const noExtra = tlogProofOf({ ...tlogPartsOf(good), extra: null });
  const twin = { ...sealed, seal: 'ab'.repeat(32) };
  const longer = [...LOG.with(good.log_index, closedText(twin)), LOG[0] as string];
  const twinProof = tlogProofOf(tlogPartsOf(evidenceOf(twin, longer)));
  const size = 9999999999999999n;
  let root = sha256(Buffer.concat([Buffer.of(0), Buffer.from(closedText(sealed))]));
  for (let i = 0; i < 54; i += 1) root = sha256(Buffer.concat([Buffer.of(1), root, Buffer.alloc(32)]));
  const leaf = sha256(Buffer.of(0), Buffer.from(closedText(sealed)));
  const huge = `${ORIGIN}\n${size}\n${base64(root)}\n`;
  return [
    evidence('a list of the names of its members', Object.keys(good).sort()),
    evidence('an entry of the log that is a number', { ...good, session_closed: 5 }),
    evidence('hashes that are an object', { ...alone, inclusion: {} }),
    evidence('another member in place of its key', {
      ...good,
      verifier_key: undefined,
      verifier_kez: 'none',
    }),
    evidence('an entry of the log in a list', { ...good, session_closed: [good.session_closed] }),
    evidence('a place that a log of one entry does not have', { ...alone, log_index: 1 }),
    evidence('a hash that a log of one entry does not need', {
      ...alone,
      ...{
        inclusion: [base64(Buffer.alloc(32))],
        checkpoint: signedLog(1, sha256(ONE, Buffer.alloc(32), leaf)),
      },
    }),
    evidence('no hash where a log of two entries needs one', {
      ...alone,
      ...{ log_size: 2, checkpoint: signedLog(2, leaf) },
    }),
    evidence('a hash of 31 bytes under a root over it', {
      ...alone,
      ...{ log_size: 2, inclusion: [base64(Buffer.alloc(31))] },
      checkpoint: signedLog(2, sha256(ONE, leaf, Buffer.alloc(31))),
    }),
    oneCase(
      'evidence: a proof at the place 00 of a log of one entry',
      eventProof(sealed, 2, { evidence: alone, proof: (parts) => ({ ...parts, index: '00' }) }),
      KEY,
      '----x---',
    ),
    oneCase(
      'evidence: a proof whose first line has another name',
      eventProof(sealed, 2, { proofText: (text) => text.replace('\nextra ', '\nextrb ') }),
      KEY,
      '----x---',
    ),
    evidence('a size that is true', { ...alone, log_size: true }),
    evidence('an index that is false', { ...alone, log_index: false }),
    oneCase(
      'evidence: a checkpoint of more entries than a number counts',
      eventProof(sealed, 2, {
        proof: (parts) => ({
          ...parts,
          index: '0',
          hashes: Array.from({ length: 54 }, () => base64(Buffer.alloc(32))),
          checkpoint: noteOf(huge, LOG_KEY.line(huge)),
        }),
      }),
      KEY,
      '----x---',
    ),
    oneCase(
      'evidence: a proof of one line',
      eventProof(sealed, 2, {
        proofText: (text) => `c2sp.org/tlog-proof@v1${text.slice(text.indexOf('\n\n'))}`,
      }),
      KEY,
      '----x---',
    ),
    oneCase(
      'evidence: a pack with another entry beside its report, without a proof',
      packOf(whole, (all) => without('session.tlog-proof')(otherEntry(all))),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'evidence: a pack with its entry and a proof, whose report has none',
      packOf(late),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'evidence: a pack whose report has no evidence, and whose proof holds no entry',
      packOf(late, (entries) => without('session_closed.json')(withProof(entries, noExtra))),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'evidence: a pack with a proof of another entry at the same place of a longer log',
      packOf(whole, (entries) => without('session_closed.json')(withProof(entries, twinProof))),
      KEY,
      'vvv-x---',
    ),
    oneCase('evidence: a pack with another entry than its proof', packOf(late, otherEntry), KEY, 'vvv-x---'),
    oneCase(
      'evidence: a pack with a proof in another log, without a key',
      packOf(whole, (entries) => withProof(entries, inOther)),
      [],
      '----x---',
    ),
    oneCase(
      'evidence: event proof at an index that is true',
      eventProof(sealed, 1, { change: { index: true } }),
      KEY,
      'x-------',
    ),
  ];
}
