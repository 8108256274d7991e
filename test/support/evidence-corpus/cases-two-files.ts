// Two checkpoints of one log, and files that do not go together.
import { checkpointOf, evidenceOf, LOG, LOG_KEY, OTHER_KEY, OTHER_ORIGIN } from './account-log.ts';
import { type CorpusCase, KEY, oneCase, pairCase, refusedCase } from './case.ts';
import { packOf } from './containers.ts';
import { eventProof } from './event-proofs.ts';
import { OPEN, pdf, SEALED } from './paired-reports.ts';
import { makeReport } from './session-reports.ts';
import { type CorpusSession, closedText, SESSIONS } from './sessions.ts';
import { base64, inclusionOf } from './trees.ts';
import { makeWide, widePdf } from './wide-reports.ts';

/** Two checkpoints of one log that cannot both be true. */
export function checkpointPairs(): CorpusCase[] {
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

/** Proofs by their members, each with another fault. */
const MALFORMED_PROOFS = [
  '{"event_proof":{}}',
  '{"range_proof":[]}',
  '{"event_proof":{},"x":1}',
  '{"event_proof":{} }',
  '{"event_proof":{},"event_proof":{}}',
  '{"range_proof":',
  '{"a":1,"event_proof":{}}',
  '{"a":1,"range_proof":{}}',
];

export function wrongPairs(first: Buffer): CorpusCase[] {
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
    ...MALFORMED_PROOFS.flatMap((text) => {
      const malformed = Buffer.from(text);
      return [
        ...Object.entries({
          'a PDF': first,
          'a pack': packOf(whole),
          'a JSON': whole.json,
          'a statement': note,
        }).flatMap(([what, other]) => [
          refused(`${text} and ${what}`, malformed, other),
          refused(`${what} and ${text}`, other, malformed),
        ]),
        refused(`${text} and an event proof`, malformed, proof),
      ];
    }),
    ...['{}', '{"x":1}'].flatMap((stranger) => [
      refusedCase(`two files: an event proof and ${stranger}`, [proof, Buffer.from(stranger), ...KEY], 1),
      refusedCase(`two files: ${stranger} and an event proof`, [Buffer.from(stranger), proof, ...KEY], 1),
      refusedCase(`two files: a PDF and ${stranger}`, [first, Buffer.from(stranger), ...KEY], 1),
    ]),
    refused('a malformed report and an event proof', Buffer.from('{"report":{}}'), proof),
    pairCase(
      'two files: a PDF and a proof behind a space',
      [first, Buffer.from('{ "event_proof":{}}')],
      KEY,
      [OPEN, 'x-------'],
      '-',
    ),
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
