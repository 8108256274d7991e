// Evidence of the account log that does not hold, is not this session's, or is not signed by the key.
import { canonicalize, parseJson } from '../../../shared/audit/canonical-json.ts';
import { naiveSeal } from '../naive-chain.ts';
import {
  COSIGNED_AT,
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
  tlogPartsOf,
  tlogProofOf,
  WITNESS_1,
  WITNESS_2,
  WITNESS_FORGED,
} from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase, WITNESSES } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { type Changes, editValue, json, less, more, otherHex, otherId } from './json-edit.ts';
import { flip, noteOf, withSignature } from './keys.ts';
import { makeReport, type ReportParts } from './session-reports.ts';
import {
  AUDIT_KEY,
  type CorpusSession,
  closedText,
  OTHER_ACCOUNT,
  SESSIONS,
  sealedFacts,
} from './sessions.ts';
import { base64, inclusionOf, rootOf } from './trees.ts';

const { sealed, unsealed, long } = SESSIONS;
const good = evidenceOf(sealed);
const { checkpoint, inclusion, log_index: index, log_size: size } = good;

/** A report with this as its evidence, whatever it is, signed. */
function withEvidence(evidence: unknown, session: CorpusSession = sealed): ReportParts {
  const parts = makeReport({ session, report: { evidence: json(JSON.parse(JSON.stringify(evidence))) } });
  return { ...parts, evidence: evidence as Evidence };
}

const bothOf = ({ json: bytes, note }: ReportParts): Buffer[] => [bytes, Buffer.from(note as string)];
const flipped = (text: string, bit = 0) => base64(flip(Buffer.from(text, 'base64'), bit));

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
    ...memberCases(),
    ...typeCases(),
    ...witnessCases(),
    ...goodLogs(),
    ...forgeries(),
    ...packProofs(),
  ];
}

/** Evidence of an entry that is not what the report says, logged and signed. */
function logged(text: string): Evidence {
  const log = [...LOG.slice(0, 4), text, ...LOG.slice(4)];
  return {
    ...good,
    checkpoint: checkpointOf(log),
    inclusion: inclusionOf(log, 4).map(base64),
    log_index: 4,
    log_size: log.length,
    session_closed: text,
  };
}

const changedText = (changes: Changes): string =>
  canonicalize(editValue(parseJson(closedText(sealed)), changes));

function memberCases(): CorpusCase[] {
  const members: Readonly<Record<string, Changes[string]>> = {
    account_id: OTHER_ACCOUNT,
    agent_id: otherId,
    ended_at: '2026-05-02T21:08:11.001Z',
    head_hash: otherHex,
    merkle_root_hex: otherHex,
    policy_sha256: otherHex,
    session_id: otherId,
    size: more,
    started_at: '2026-05-02T21:07:54.521Z',
    status: 'error',
  };
  const member = (name: string, change: Changes[string]) => {
    const text = changedText({ [name]: change });
    return [
      oneCase(
        `log: an entry with another ${name}, logged and signed`,
        sessionPdf(withEvidence(logged(text))),
        KEY,
        'vvv-x---',
      ),
      oneCase(
        `log: an entry with another ${name}, without a key`,
        withEvidence(logged(text)).json,
        [],
        '----x---',
      ),
      oneCase(
        `log: an entry with another ${name} that is not logged`,
        bothOf(withEvidence({ ...good, session_closed: text })),
        KEY,
        'vv--x---',
      ),
    ];
  };
  const otherSeal = withEvidence(logged(changedText({ seal: otherHex })));
  const otherKey = withEvidence(logged(changedText({ key_id: 'k_other' })));
  const unended = { ...sealed, endedAt: null };
  const openSeal = { ...unended, seal: naiveSeal(AUDIT_KEY.bytes, sealedFacts(unended)) };
  const report = { 'session.ended_at': null, evidence: json(logged(closedText(openSeal))) };
  return [
    ...Object.entries(members).flatMap(([name, change]) => member(name, change)),
    ...member('size', less).map((each) => ({ ...each, name: `${each.name}, one less` })),
    oneCase('log: an entry with another seal', sessionPdf(otherSeal), [...KEY, ...MACS], 'vvvvv--x'),
    oneCase('log: an entry with another audit key', sessionPdf(otherKey), [...KEY, ...MACS], 'vvvvv---'),
    oneCase(
      'log: an entry without a seal, of a report that says sealed',
      sessionPdf(withEvidence(logged(changedText({ seal: null })))),
      KEY,
      'vvv-v---',
    ),
    oneCase(
      'log: an entry of a session that has not ended',
      sessionPdf(makeReport({ session: openSeal, report })),
      [...KEY, ...MACS],
      'vvv-v--v',
    ),
  ];
}

/** Entries that are no `session_closed` as the log has them, logged and signed. */
function typeCases(): CorpusCase[] {
  const changes: Readonly<Record<string, Changes>> = {
    'a member more': { note: 'x' },
    'a seal of 63 digits': { seal: 'a'.repeat(63) },
    'a seal in capitals': { seal: 'A'.repeat(64) },
    'a size that is a text': { size: '7' },
    'a status that is a number': { status: 1 },
    'a start without milliseconds': { started_at: '2026-05-02T21:07:54Z' },
    'an end that is no time': { ended_at: 'yesterday' },
    'a key id that is null': { key_id: null },
    ...Object.fromEntries(
      [
        'account_id',
        'agent_id',
        'ended_at',
        'head_hash',
        'key_id',
        'kind',
        'merkle_root_hex',
        'policy_sha256',
        'seal',
      ]
        .concat(['session_id', 'size', 'started_at', 'status'])
        .map((name) => [`no ${name}`, { [name]: undefined }]),
    ),
  };
  return Object.entries(changes).map(([name, change]) =>
    oneCase(
      `log: an entry with ${name}, logged and signed`,
      bothOf(withEvidence(logged(changedText(change)))),
      KEY,
      'vv--x---',
    ),
  );
}

function witnessCases(): CorpusCase[] {
  const text = checkpointText(LOG);
  const cosigned = (...lines: string[]) => ({
    ...good,
    checkpoint: noteOf(text, LOG_KEY.line(text), ...lines),
  });
  const [one, two] = [WITNESS_1.line(text, COSIGNED_AT), WITNESS_2.line(text, COSIGNED_AT)];
  const smaller = checkpointText(LOG.slice(0, -1));
  const case_ = (name: string, evidence: unknown, mark: string, options = WITNESSES as readonly string[]) =>
    oneCase(`witnesses: ${name}`, bothOf(withEvidence(evidence)), [...KEY, ...options], `vv--v${mark}--`);
  const changed = (change: (bytes: Buffer) => Buffer) => ({
    ...good,
    checkpoint: withSignature(checkpoint, 1, change),
  });
  return [
    case_('both, in the other order', cosigned(two, one), 'v'),
    case_('one of two', cosigned(one), '-'),
    case_('none', cosigned(), '-'),
    case_(
      'a bit of the signature flipped',
      changed((bytes) => flip(bytes, 200)),
      'x',
    ),
    case_(
      'a bit of the time flipped',
      changed((bytes) => flip(bytes, 90)),
      'x',
    ),
    case_(
      'a bit of the key id flipped',
      changed((bytes) => flip(bytes, 1)),
      '-',
    ),
    case_(
      'without a time',
      changed((bytes) => Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)])),
      'x',
    ),
    case_('a cosignature of a smaller checkpoint', cosigned(WITNESS_1.line(smaller, COSIGNED_AT), two), 'x'),
    case_(
      'a forged one beside the right ones',
      cosigned(WITNESS_FORGED.line(text, COSIGNED_AT), one, two),
      'v',
    ),
    case_('a forged one alone', cosigned(WITNESS_FORGED.line(text, COSIGNED_AT), two), '-'),
    case_(
      'a right and a wrong one of the same witness',
      cosigned(one, WITNESS_1.line(smaller, COSIGNED_AT), two),
      'x',
    ),
    case_('wrong, and another away', cosigned(WITNESS_1.line(smaller, COSIGNED_AT)), 'x'),
    case_('at the first second', cosigned(WITNESS_1.line(text, 0), two), 'v'),
    oneCase(
      'witnesses: right, of a log that failed',
      bothOf(withEvidence({ ...good, log_index: index + 1 })),
      [...KEY, ...WITNESSES],
      'vv--x---',
    ),
    oneCase(
      'witnesses: wrong, of a log that failed',
      bothOf(withEvidence({ ...changed((bytes) => flip(bytes, 200)), log_index: 0 })),
      [...KEY, ...WITNESSES],
      'vv--x---',
    ),
    oneCase(
      'witnesses: wrong, without a key',
      bothOf(withEvidence(changed((bytes) => flip(bytes, 200)))),
      WITNESSES,
      '--------',
    ),
  ];
}

function goodLogs(): CorpusCase[] {
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
function forgeries(): CorpusCase[] {
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

/** The proof and the entry that stand beside the report in a pack. */
function packProofs(): CorpusCase[] {
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
