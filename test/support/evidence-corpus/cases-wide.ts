// Reports on many sessions: rows, roots, lines and multiproofs that do not fit.
import { FORGER_KEY, LOG_KEY, logOf, OTHER_ORIGIN, RETIRED_KEY } from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase, saying, WITNESSES } from './case.ts';
import { type Changes, json, less, more, otherHex, otherId } from './json-edit.ts';
import { flip } from './keys.ts';
import { type CorpusSession, closedText, makeSession, OTHER_ACCOUNT, SESSIONS } from './sessions.ts';
import { base64, multiproofOf } from './trees.ts';
import { WIDE_LOG as LOG, makeWide, WIDE_SESSIONS, type WideTraits, widePdf } from './wide-reports.ts';

const ALL = WIDE_SESSIONS;
const { sealed, open, long } = SESSIONS;

/** Reports that state other figures than their rows give, signed. */
const ROWS: Readonly<Record<string, Changes>> = {
  'another root of all': { merkle_root_hex: otherHex },
  'one session more': { sessions_total: more },
  'one session less': { sessions_total: less },
  'one walked session more': { 'audit_log.sessions_walked': more },
  'one entry more': { 'audit_log.entries_read': more },
  'one redaction more': { redaction_count: more },
  'one redaction less in a row': { 'sessions.0.redactions': less },
  'a session that is open left out': { 'sessions.2': undefined },
  'an open session of another size': { 'sessions.2.entries': more },
  'an open session of another root': { 'sessions.2.root_hex': otherHex },
  'an open session of another id': { 'sessions.2.id': 'sess_01KQN89WGRBPJ4AAGAHJXM0033' },
};

type Proof = NonNullable<WideTraits['multiproof']>;

const hashesOf = (change: (list: string[]) => unknown[]): Proof => ({
  hashes: (list) => json(change(list as string[])),
});
const indexesOf = (change: (list: number[]) => unknown[]): Proof => ({
  indexes: (list) => json(change(list as number[])),
});

const PROOFS: Readonly<Record<string, Proof>> = {
  ...Object.fromEntries(
    [0, 1, 2, 3].map((i) => [
      `a bit of hash ${i} flipped`,
      hashesOf((list) => list.with(i, base64(flip(Buffer.from(list[i] as string, 'base64'), 9)))),
    ]),
  ),
  'one hash more': hashesOf((list) => [...list, list[0]]),
  'one hash more, at the front': hashesOf((list) => [list[0], ...list]),
  'a hash missing': hashesOf((list) => list.slice(1)),
  'the last hash missing': hashesOf((list) => list.slice(0, -1)),
  'no hashes': hashesOf(() => []),
  'two hashes swapped': hashesOf(([first, second, ...rest]) => [second, first, ...rest]),
  'a hash of 31 bytes': hashesOf((list) => list.with(0, base64(Buffer.alloc(31)))),
  'a hash in hex': hashesOf((list) => list.with(0, Buffer.from(list[0] as string, 'base64').toString('hex'))),
  'size one more': { size: more },
  'size one less': { size: less },
  'an index one more': indexesOf((list) => list.with(-1, (list.at(-1) as number) + 1)),
  'the first index one less': indexesOf((list) => list.with(0, (list[0] as number) - 1)),
  'an index missing': indexesOf((list) => list.slice(1)),
  'an index more': indexesOf((list) => [...list, (list.at(-1) as number) + 1]),
  'an index twice': indexesOf((list) => list.with(1, list[0] as number)),
  'indexes in the other order': indexesOf((list) => list.toReversed()),
  'an index behind the size': indexesOf((list) => list.with(-1, 1000)),
  'an index below zero': indexesOf((list) => list.with(0, -1)),
  'an index of a half': indexesOf((list) => list.with(0, 0.5)),
};

const LINES: Readonly<Record<string, NonNullable<WideTraits['lines']>>> = {
  'a line missing': (lines) => lines.slice(1),
  'the last line missing': (lines) => lines.slice(0, -1),
  'no lines': () => [],
  'a line more': (lines) => [...lines, lines[0] as string],
  'two lines swapped': ([first, second, ...rest]) => [second as string, first as string, ...rest],
  'a line of another kind': (lines) => lines.with(0, LOG[0] as string),
  'a line altered': (lines) => lines.with(0, closedText({ ...sealed, status: 'error' })),
  'a line of another session': (lines) => lines.with(0, closedText({ ...sealed, id: otherId(sealed.id) })),
};

export function wideCases(): CorpusCase[] {
  return [
    ...Object.entries(ROWS).map(([name, report]) =>
      oneCase(`account report with ${name}, signed`, widePdf(makeWide({ report })), KEY, 'vvx-v---'),
    ),
    ...Object.entries(ROWS).map(([name, report]) =>
      oneCase(
        `account report with ${name}, as JSON without a key`,
        makeWide({ report }).json,
        [],
        '--x-----',
      ),
    ),
    ...Object.entries(PROOFS).map(([name, multiproof]) =>
      oneCase(`multiproof with ${name}`, widePdf(makeWide({ multiproof })), KEY, 'vvv-x---'),
    ),
    ...Object.entries(PROOFS).map(([name, multiproof]) =>
      oneCase(`multiproof with ${name}, without a key`, widePdf(makeWide({ multiproof })), [], '----x---'),
    ),
    ...Object.entries(LINES).map(([name, lines]) =>
      oneCase(`lines with ${name}`, widePdf(makeWide({ lines })), KEY, 'vvv-x---'),
    ),
    ...leftOutCases(),
    ...inventedCases(),
    ...unfinishedCases(),
    ...rowCases(),
    ...indexCases(),
    ...checkpointCases(),
    ...orderCases(),
  ];
}

/** Sessions of the window that the report names and counts nowhere, signed: what it holds is true, and is not all. */
function leftOutCases(): CorpusCase[] {
  const id = otherId(sealed.id);
  const exception = {
    ...{ session_id: id, agent_id: sealed.agentId, started_at: sealed.startedAt },
    ...{ verdict: 'unverifiable', fault: null, seq: null, key_id: 'lost' },
  };
  const changes: Readonly<Record<string, Changes>> = {
    'is in the log and not stored any more': { 'completeness.sessions_missing': json([id]) },
    'went while it was made': { 'completeness.sessions_gone': json([id]) },
    'is an exception': { exceptions: json([exception]) },
    'is missing, as a number says': { 'completeness.sessions_missing': 5 },
  };
  return Object.entries(changes).map(([name, report]) =>
    oneCase(`account report, a session ${name}`, widePdf(makeWide({ report })), KEY, 'vvv-v---'),
  );
}

/** Windows that end after the report was made, with it, or at no time at all. */
function unfinishedCases(): CorpusCase[] {
  const unsaid = { completeness: 'does not show that its window was over' };
  const open: Readonly<Record<string, Changes>> = {
    'that ends a millisecond after it was made': { 'window.until': '2026-06-02T08:00:01.001Z' },
    'that ends on a day that there is not': { 'window.until': '2026-02-30T00:00:00Z' },
    'that ends before the year 0': { 'window.until': '-000001-01-01T00:00:00Z' },
  };
  return [
    ...Object.entries(open).map(([name, report]) =>
      saying(
        oneCase(`account report, a window ${name}`, widePdf(makeWide({ report })), KEY, 'vvv-v---'),
        unsaid,
      ),
    ),
    oneCase(
      'account report, a window that ends as it was made',
      widePdf(makeWide({ report: { 'window.until': '2026-06-02T08:00:01Z' } })),
      KEY,
      'vvvvv---',
    ),
  ];
}

/** The statement taken off, and sessions and figures made up beside those that the account's log has. */
function inventedCases(): CorpusCase[] {
  const sessions = ['31', '32', '33'].map((name) => makeSession({ name, size: 3 }));
  const unsigned = { sessions: [...ALL, ...sessions], unlogged: sessions, key: null };
  const called = 'sessions that the report calls ended or sealed';
  const log = `(?:3 of the 8 ${called}|of the 8 ${called}, 3) have no (?:line|entry) here`;
  return [
    saying(
      oneCase(
        'account report without a statement, three sessions invented',
        widePdf(makeWide(unsigned)),
        KEY,
        'v---v---',
      ),
      { bytes: 'signed by nobody', log },
    ),
    saying(
      oneCase(
        'account report with three sessions that are not in the log yet',
        widePdf(makeWide({ ...unsigned, key: LOG_KEY })),
        KEY,
        'vvv-v---',
      ),
      { bytes: '^(?!.*signed by nobody)', log },
    ),
    saying(
      oneCase(
        'account report without a statement, every session in the log',
        widePdf(makeWide({ key: null })),
        KEY,
        'v---v---',
      ),
      { bytes: 'signed by nobody', log: '^(?!.*have no)' },
    ),
  ];
}

/** The log's line on a session says something else than its row; both are signed. */
function rowCases(): CorpusCase[] {
  const lying = (name: string, change: Partial<CorpusSession>, traits: WideTraits = {}) => {
    const log = logOf(ALL.map((session) => (session === sealed ? { ...session, ...change } : session)));
    // The row names the line that should be its own.
    const report = { 'sessions.0.log_index': 1, ...traits.report };
    const lines = { indexes: json([1, 3, 5, 7, 9]) };
    return oneCase(
      `account report, the log has ${name}`,
      widePdf(
        makeWide({
          log,
          unlogged: [sealed],
          report,
          ...relined(log),
          multiproof: { ...lines, ...relined(log).multiproof },
        }),
      ),
      KEY,
      'vvv-x---',
    );
  };
  const foreign = { ...sealed, accountId: OTHER_ACCOUNT };
  const swapped = makeWide({ report: { 'sessions.0.log_index': 3, 'sessions.1.log_index': 1 } });
  return [
    lying('another root of a session', { rootHex: otherHex(sealed.rootHex) }),
    lying('another size of a session', { entries: sealed.entries.slice(1) }),
    lying('another session in a session’s place', { id: otherId(sealed.id) }),
    lying('another account’s session', { accountId: foreign.accountId }),
    oneCase('account report, two rows name each other’s line', widePdf(swapped), KEY, 'vvv-x---'),
    oneCase(
      'account report, two rows name one line',
      widePdf(makeWide({ unlogged: [long], report: { 'sessions.5.log_index': 1 } })),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'account report, a line that no row names',
      widePdf(makeWide({ report: { 'sessions.0.log_index': null } })),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'account report, a row names a line behind the log',
      widePdf(makeWide({ unlogged: [long], report: { 'sessions.5.log_index': 500 } })),
      KEY,
      'vvv-v---',
    ),
    oneCase(
      'account report, an open session with a line of its own index',
      widePdf(makeWide({ report: { 'sessions.2.log_index': 4 } })),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'account report, rows without a log index',
      widePdf(makeWide({ noLog: true, report: { evidence_missing: 'no log' } }), (files) => files),
      [...KEY, ...MACS],
      'vvv-----',
    ),
    oneCase(
      'account report, a log index that is a text',
      makeWide({ report: { 'sessions.0.log_index': '1' } }).json,
      KEY,
      'x-------',
    ),
  ];
}

/** The lines and hashes of these indexes, whatever the rows say. */
function relined(log: readonly string[]) {
  const indexes = [1, 3, 5, 7, 9];
  return {
    lines: () => indexes.map((index) => log[index] as string),
    multiproof: { hashes: json(hashesFor(log, indexes)) },
  };
}

function hashesFor(log: readonly string[], indexes: readonly number[]): string[] {
  return multiproofOf(log, indexes).map(base64);
}

/** Lines that a proof would take at an index where they are not. */
function indexCases(): CorpusCase[] {
  const invented = makeSession({ name: '12', size: 2 });
  const first = [closedText(long), ...LOG.slice(0, 5)];
  const joined = [0, 2, 4, 6, 8].map((i) => LOG[i] as string).concat(closedText(sealed), closedText(long));
  const lying = (name: string, traits: WideTraits) =>
    oneCase(`account report, ${name}`, widePdf(makeWide(traits)), KEY, 'vvv-x---');
  return [
    lying('an invented line behind the log', {
      sessions: [invented],
      unlogged: [invented],
      report: { 'sessions.0.log_index': LOG.length },
      lines: () => [closedText(invented)],
      multiproof: { indexes: json([LOG.length]) },
    }),
    lying('the first line at an index below zero', {
      sessions: [long],
      log: first,
      report: { 'sessions.0.log_index': -1 },
      multiproof: { indexes: json([-1]) },
    }),
    lying('two lines at descending indexes', {
      sessions: [sealed, long],
      log: joined,
      report: { 'sessions.1.log_index': 3 },
      multiproof: { indexes: json([5, 3]) },
    }),
    lying('a row that names the line of a later one', {
      unlogged: [sealed],
      report: { 'sessions.0.log_index': LOG.indexOf(closedText(long)) },
    }),
  ];
}

function checkpointCases(): CorpusCase[] {
  const changed = (name: string, evidence: Changes, marks = 'vvv-x---') => {
    const report = Object.fromEntries(
      Object.entries(evidence).map(([path, change]) => [`evidence.${path}`, change]),
    );
    return [
      oneCase(`account report, ${name}`, widePdf(makeWide({ report })), KEY, marks),
      oneCase(`account report, ${name}, as JSON without a key`, makeWide({ report }).json, [], '----x---'),
    ];
  };
  const forged = makeWide({ keys: [FORGER_KEY], key: FORGER_KEY });
  return [
    ...changed('log size one more', { log_size: more }),
    ...changed('another origin', { origin: OTHER_ORIGIN }, '-x--x---'),
    ...changed('no checkpoint', { checkpoint: undefined }),
    ...changed('a checkpoint that is no note', { checkpoint: 'checkpoint' }),
    ...changed('no log size', { log_size: undefined }),
    oneCase(
      'account report, the checkpoint by a retired key',
      widePdf(makeWide({ keys: [RETIRED_KEY] })),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'account report, the checkpoint by a retired key, without a key',
      widePdf(makeWide({ keys: [RETIRED_KEY] })),
      [],
      '--------',
    ),
    oneCase('account report, forged whole', widePdf(forged), KEY, '-x--x---'),
    oneCase(
      'account report, with a witness missing',
      widePdf(makeWide({ keys: [LOG_KEY] })),
      [...KEY, ...WITNESSES],
      'vvvvv---',
    ),
    oneCase('account report, with both witnesses', widePdf(makeWide()), [...KEY, ...WITNESSES], 'vvvvvv--'),
    oneCase(
      'account report, evidence that is a text',
      makeWide({ report: { evidence: 'logged' } }).json,
      [],
      '----x---',
    ),
  ];
}

/** Sessions in the wrong order, or twice, with the root that they give so. */
function orderCases(): CorpusCase[] {
  const reversed = ALL.toReversed();
  const twice = [sealed, sealed, ...ALL.slice(1)];
  return [
    oneCase(
      'account report, its sessions in reverse',
      widePdf(makeWide({ sessions: reversed })),
      KEY,
      'vvx-v---',
    ),
    oneCase(
      'account report, an open session twice',
      widePdf(makeWide({ sessions: [...ALL.slice(0, 2), open, open, ...ALL.slice(3)] })),
      KEY,
      'vvx-v---',
    ),
    oneCase(
      'account report, a session twice',
      widePdf(makeWide({ sessions: twice, unlogged: [sealed] })),
      KEY,
      'vvx-v---',
    ),
  ];
}
