import {
  checkpointOf,
  checkpointText,
  type Evidence,
  evidenceOf,
  FORGER_KEY,
  LOG,
  LOG_KEY,
  logOf,
  ORIGIN,
  OTHER_KEY,
  OTHER_ORIGIN,
  RETIRED_KEY,
  WITNESS_1,
  WITNESS_2,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase, WITNESSES } from './case.ts';
import { forgeries, goodLogs } from './cases-forgeries.ts';
import { loggedMemberCases, loggedTypeCases } from './cases-log-entries.ts';
import { packProofs } from './cases-pack-proofs.ts';
import { witnessCases } from './cases-witnesses.ts';
import { sessionPdf } from './containers.ts';
import { flip, noteOf, withSignature } from './keys.ts';
import { bothOf, flipped, good, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { closedText, SESSIONS } from './sessions.ts';
import { base64, inclusionOf, rootOf } from './trees.ts';

const { sealed, unsealed, long } = SESSIONS;
const { checkpoint, inclusion, log_index: index, log_size: size } = good;

const OTHER_NAMED = 'another origin beside the checkpoint';

/** Evidence of which the mathematics is wrong: it fails without any key. */
const WRONG: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    inclusion.map((hash, i) => [
      `inclusion: a bit of hash ${i} flipped`,
      { ...good, inclusion: inclusion.with(i, flipped(hash, (i * 67) % 256)) },
    ]),
  ),
  'inclusion: one hash more': { ...good, inclusion: [...inclusion, inclusion[0]] },
  'inclusion: one hash more, at the front': { ...good, inclusion: [inclusion[0], ...inclusion] },
  'inclusion: the first hash missing': { ...good, inclusion: inclusion.slice(1) },
  'inclusion: the last hash missing': { ...good, inclusion: inclusion.slice(0, -1) },
  'inclusion: no hashes': { ...good, inclusion: [] },
  'inclusion: two hashes swapped': {
    ...good,
    inclusion: [inclusion[1], inclusion[0], ...inclusion.slice(2)],
  },
  'inclusion: a hash of 31 bytes': {
    ...good,
    inclusion: inclusion.with(0, base64(Buffer.from(inclusion[0] as string, 'base64').subarray(1))),
  },
  'inclusion: a hash of 33 bytes': {
    ...good,
    inclusion: inclusion.with(
      0,
      base64(Buffer.concat([Buffer.from(inclusion[0] as string, 'base64'), Buffer.of(0)])),
    ),
  },
  'inclusion: a hash in hex': {
    ...good,
    inclusion: inclusion.with(0, Buffer.from(inclusion[0] as string, 'base64').toString('hex')),
  },
  'inclusion: a hash without padding': {
    ...good,
    inclusion: inclusion.with(0, (inclusion[0] as string).replace('=', '')),
  },
  'inclusion: an empty hash': { ...good, inclusion: ['', ...inclusion] },
  'inclusion: a number for a hash': { ...good, inclusion: [7, ...inclusion.slice(1)] },
  'inclusion: a text for the list': { ...good, inclusion: inclusion.join() },
  'index one more': { ...good, log_index: index + 1 },
  'index one less': { ...good, log_index: index - 1 },
  'index below zero': { ...good, log_index: -1 },
  'index below zero of the first entry': {
    ...evidenceOf(sealed, [closedText(sealed), LOG[0] as string]),
    log_index: -1,
  },
  'index behind the size of the last entry': {
    ...evidenceOf(sealed, [...LOG.slice(2, 6), closedText(sealed)]),
    log_index: 5,
  },
  'index the size': { ...good, log_index: size },
  'index a half': { ...good, log_index: index + 0.5 },
  'index a text': { ...good, log_index: `${index}` },
  'size one more': { ...good, log_size: size + 1 },
  'size one less': { ...good, log_size: size - 1 },
  'size zero': { ...good, log_size: 0 },
  'size one, index zero, no hashes': { ...good, log_size: 1, log_index: 0, inclusion: [] },
  [OTHER_NAMED]: { ...good, origin: OTHER_ORIGIN },
  'checkpoint: root with a bit flipped': {
    ...good,
    checkpoint: checkpoint.replace(/\n(.{44})\n/, (_, root: string) => `\n${flipped(root)}\n`),
  },
  'checkpoint: size one more': { ...good, checkpoint: checkpoint.replace(`\n${size}\n`, `\n${size + 1}\n`) },
  'checkpoint: size with a zero before it': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\n0${size}\n${base64(rootOf(LOG))}\n`),
  },
  'checkpoint: size in words': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\nsixteen\n${base64(rootOf(LOG))}\n`),
  },
  'checkpoint: a root of 31 bytes': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\n${size}\n${base64(rootOf(LOG).subarray(1))}\n`),
  },
  'checkpoint: a root in hex': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\n${size}\n${rootOf(LOG).toString('hex')}\n`),
  },
  'checkpoint: a root that is no base64': { ...good, checkpoint: resigned(`${ORIGIN}\n${size}\n!\n`) },
  'checkpoint: another root, signed': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\n${size}\n${base64(rootOf([]))}\n`),
  },
  'checkpoint: another size, signed': {
    ...good,
    checkpoint: resigned(`${ORIGIN}\n${size + 1}\n${base64(rootOf(LOG))}\n`),
  },
  'checkpoint: an extension line, signed': {
    ...good,
    checkpoint: resigned(`${checkpointText(LOG)}and more\n`),
  },
  'checkpoint: two lines, signed': { ...good, checkpoint: resigned(`${ORIGIN}\n${size}\n`) },
  'checkpoint: another origin, signed': { ...good, checkpoint: checkpointOf(LOG, [LOG_KEY], OTHER_ORIGIN) },
  'checkpoint: without signatures': { ...good, checkpoint: `${checkpointText(LOG)}\n` },
  'checkpoint: its text alone': { ...good, checkpoint: checkpointText(LOG) },
  'checkpoint: a byte behind it': { ...good, checkpoint: `${checkpoint}x` },
  'checkpoint: without its last line end': { ...good, checkpoint: checkpoint.slice(0, -1) },
  'checkpoint: a statement in its place': { ...good, checkpoint: makeReport({ session: sealed }).note },
  'checkpoint: a number': { ...good, checkpoint: 5 },
  'no checkpoint': { ...good, checkpoint: undefined },
  'no inclusion': { ...good, inclusion: undefined },
  'no index': { ...good, log_index: undefined },
  'no entry': { ...good, session_closed: undefined },
  'no origin': { ...good, origin: undefined },
  'a text': 'logged',
  'a list': [],
  'the entry with a space': { ...good, session_closed: good.session_closed.replace(',', ', ') },
  'the entry cut': { ...good, session_closed: good.session_closed.slice(0, -1) },
  'the entry of another session, under its own proof': evidenceOf(unsealed),
  'the entry of another session': { ...good, session_closed: closedText(long) },
  'an entry of another kind, under its own proof': otherKind(),
};

function resigned(text: string): string {
  return noteOf(text, LOG_KEY.line(text));
}

function otherKind(): unknown {
  return { ...good, session_closed: LOG[0], log_index: 0, inclusion: inclusionOf(LOG, 0).map(base64) };
}

/** Evidence that holds, under a checkpoint that the key did not sign: without a key nothing is wrong. */
const UNSIGNED: Readonly<Record<string, unknown>> = {
  'checkpoint: signed by a key that only has the name': evidenceOf(sealed, LOG, [FORGER_KEY]),
  "checkpoint: signed by another account's key": evidenceOf(sealed, LOG, [OTHER_KEY]),
  'checkpoint: signed by a retired key': evidenceOf(sealed, LOG, [RETIRED_KEY]),
  'checkpoint: cosigned alone': evidenceOf(sealed, LOG, [WITNESS_1, WITNESS_2]),
  'checkpoint: a bit of its signature flipped': {
    ...good,
    checkpoint: withSignature(checkpoint, 0, (bytes) => flip(bytes, 100)),
  },
  'checkpoint: a bit of its key id flipped': {
    ...good,
    checkpoint: withSignature(checkpoint, 0, (bytes) => flip(bytes, 5)),
  },
  'checkpoint: the signature of a smaller one': {
    ...good,
    checkpoint: noteOf(checkpointText(LOG), LOG_KEY.line(checkpointText(LOG.slice(0, -1)))),
  },
  "another account's log": evidenceOf(sealed, LOG, [OTHER_KEY], OTHER_ORIGIN),
  "a forger's log": evidenceOf(sealed, logOf([sealed]), [FORGER_KEY]),
};

export function logCases(): CorpusCase[] {
  return [
    ...Object.entries(WRONG).flatMap(([name, evidence]) => {
      const parts = withEvidence(evidence);
      // The statement names the log's own origin.
      const isOther = name === OTHER_NAMED;
      return [
        oneCase(`log: ${name}`, bothOf(parts), KEY, isOther ? '-x--x---' : 'vv--x---'),
        oneCase(`log: ${name}, without a key`, parts.json, [], '----x---'),
      ];
    }),
    ...Object.entries(UNSIGNED).flatMap(([name, evidence]) => {
      const parts = withEvidence(evidence);
      // The statement names the log's own origin.
      const isOther = (evidence as Evidence).origin !== ORIGIN;
      return [
        oneCase(`log: ${name}`, sessionPdf(parts), [...KEY, ...WITNESSES], isOther ? '-x--x---' : 'vvv-x---'),
        oneCase(`log: ${name}, without a key`, parts.json, [], '--------'),
      ];
    }),
    ...loggedMemberCases(),
    ...loggedTypeCases(),
    ...witnessCases(),
    ...goodLogs(),
    ...forgeries(),
    ...packProofs(),
  ];
}
