// Entries that were cut, reordered, altered, taken from elsewhere, or that give other figures than the report states.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { evidenceOf, logOf } from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { type Changes, edit, json, less, more, otherHex, otherId } from './json-edit.ts';
import { makeReport, ndjson, type ReportTraits, statedFigures } from './session-reports.ts';
import { type CorpusSession, headHashOf, SESSIONS, writeEntries } from './sessions.ts';
import { rootHexOf, sha256 } from './trees.ts';

const { sealed, long } = SESSIONS;
const texts = sealed.entries;
const at = (index: number) => texts[index] as string;

/** The entries with links that hold again, their hashes invented: the forger has no audit key. */
function relinked(changed: readonly string[]): string[] {
  let before = '0'.repeat(64);
  return changed.map((text) => {
    const linked = edit(text, { prev_hash: before });
    before = sha256(linked).toString('hex');
    return edit(linked, { this_hash: before });
  });
}

const lied = edit(at(2), { confidence: 0.25 });

/** By damage: the entries, and the marks of `completeness` and `macs`. */
const DAMAGES: readonly (readonly [
  name: string,
  entries: readonly string[],
  completeness: 'x' | '-',
  macs: 'v' | 'x',
])[] = [
  ['an entry cut out', texts.toSpliced(3, 1), 'x', 'v'],
  ['the first entry cut', texts.slice(1), 'x', 'v'],
  ['the last entry cut', texts.slice(0, -1), 'x', 'v'],
  ['all entries cut', [], 'x', 'v'],
  ['two entries in the other order', texts.with(3, at(4)).with(4, at(3)), '-', 'v'],
  ['all entries in reverse', texts.toReversed(), '-', 'v'],
  ['an entry doubled', texts.toSpliced(3, 0, at(3)), 'x', 'v'],
  ['the last entry doubled', [...texts, at(6)], 'x', 'v'],
  ['an entry in place of its neighbour', texts.with(3, at(4)), '-', 'v'],
  ['an entry altered', texts.with(2, lied), '-', 'x'],
  ['an entry altered, the links made good again', relinked(texts.with(2, lied)), '-', 'x'],
  ['an entry cut out, the links made good again', relinked(texts.toSpliced(3, 1)), 'x', 'x'],
  ['an entry of another session', texts.with(3, long.entries[3] as string), '-', 'v'],
  ['all entries of another session', long.entries.slice(0, 7), '-', 'v'],
  [
    'one more entry',
    writeEntries(sealed, [{ entity_kind: 'SSN', pass: 'regex', confidence: 1 }], texts),
    'x',
    'v',
  ],
  ['an entry with another agent', texts.with(3, edit(at(3), { agent_id: otherId })), '-', 'x'],
  ['an entry with another seq', texts.with(3, edit(at(3), { seq: 30 })), '-', 'x'],
  ['the first entry after another', texts.with(0, edit(at(0), { prev_hash: otherHex })), '-', 'x'],
  ['the last hash altered', texts.with(6, edit(at(6), { this_hash: otherHex })), '-', 'x'],
  ['a hash altered in its middle', texts.with(3, edit(at(3), { this_hash: otherHex })), '-', 'x'],
  ['a link altered in its middle', texts.with(3, edit(at(3), { prev_hash: otherHex })), '-', 'x'],
  ['an entry with one more member', texts.with(3, edit(at(3), { note: 'added' })), '-', 'x'],
  ['an entry without a member', texts.with(3, edit(at(3), { kid: undefined })), '-', 'x'],
];

export function entryCases(): CorpusCase[] {
  return [
    ...DAMAGES.flatMap(([name, entries, completeness, macs]) => {
      const parts = makeReport({ session: sealed, entries: () => entries });
      return [
        oneCase(`${name}, in a PDF`, sessionPdf(parts), KEY, `vvx${completeness}v---`),
        oneCase(`${name}, in a pack`, packOf(parts), [...KEY, ...MACS], `vvx${completeness}v--${macs}`),
        oneCase(`${name}, without a key`, sessionPdf(parts), [], `--x${completeness}----`),
      ];
    }),
    ...figureCases(),
    ...restatedCases(),
    ...malformedCases(),
    ...sealCases(),
  ];
}

/** The report states other figures, and was signed so. */
function figureCases(): CorpusCase[] {
  const wrong: Readonly<Record<string, Changes>> = {
    'one redaction more': { redaction_count: more },
    'one redaction less': { redaction_count: less },
    'one name more': { 'redactions_by_kind.NAME': more },
    'a kind that was not there': { 'redactions_by_kind.SSN': 1 },
    'a kind without a redaction': { 'redactions_by_kind.SSN': 0 },
    'no __proto__': { 'redactions_by_kind.__proto__': undefined },
    'another pass': { redactions_by_pass: json({ diarize: 1, gemma: 2, regex: 2 }) },
    'a pass less': { 'redactions_by_pass.diarize': undefined },
    'no kinds': { redactions_by_kind: json({}) },
  };
  const unlogged: Readonly<Record<string, Changes>> = {
    'another root': { merkle_root_hex: otherHex },
    'the root of no entries': { merkle_root_hex: rootHexOf([]) },
    'one entry more': { 'audit_log.event_count': more },
    'one entry less': { 'audit_log.event_count': less },
    'another end': { 'audit_log.end_hash': otherHex },
  };
  return [
    ...Object.entries(wrong).flatMap(([name, report]) => [
      oneCase(
        `report that states ${name}, signed`,
        sessionPdf(makeReport({ session: sealed, report })),
        KEY,
        'vvx-v---',
      ),
      oneCase(
        `report that states ${name}, without a key`,
        packOf(makeReport({ session: sealed, report })),
        [],
        '--x-----',
      ),
    ]),
    ...Object.entries(unlogged).flatMap(([name, report]) => [
      oneCase(
        `report that states ${name}, signed, not logged`,
        sessionPdf(late({ report })),
        KEY,
        'vvx-----',
      ),
      oneCase(
        `report that states ${name}, signed, logged`,
        packOf(makeReport({ session: sealed, report })),
        KEY,
        'vvx-x---',
      ),
    ]),
  ];
}

/** A report of a session that is not in the log yet: what it states is compared with the entries alone. */
function late(traits: Omit<ReportTraits, 'session'>, session: CorpusSession = sealed) {
  return makeReport({ session, evidence: null, missing: 'not logged yet', ...traits });
}

/** Reports that state the very figures of entries that are wrong, so that one check alone finds it. */
function restatedCases(): CorpusCase[] {
  const restated = (name: string, entries: readonly string[], marks: string, change: Changes = {}) =>
    oneCase(
      `report on ${name}, with their figures`,
      sessionPdf(
        late({
          entries: () => entries,
          report: { ...statedFigures(entries, rootHexOf(entries), headHashOf(entries)), ...change },
        }),
      ),
      [...KEY, ...MACS],
      marks,
    );
  const other = { id: sealed.id, agentId: long.agentId };
  const foreign = { id: long.id, agentId: sealed.agentId };
  const redaction = { entity_kind: 'NAME', pass: 'gemma', confidence: 1 };
  const skipped = writeEntries(sealed, [redaction, { ...redaction, seq: 2 }]);
  return [
    restated('its first entries', texts.slice(0, 5), 'vvv----v'),
    restated('one more entry', writeEntries(sealed, [redaction], texts), 'vvv----v'),
    restated('entries without the first', texts.slice(1), 'vvx----v'),
    restated('entries without one in the middle', texts.toSpliced(3, 1), 'vvx----v'),
    restated('entries of which one is altered', texts.with(2, lied), 'vvv----x'),
    restated('entries with a gap in seq', skipped, 'vvx----v'),
    restated('entries that begin at seq 1', writeEntries(sealed, [{ ...redaction, seq: 1 }]), 'vvx----v'),
    restated(
      'entries that begin after another',
      writeEntries(sealed, [{ ...redaction, prev_hash: '1'.repeat(64) }]),
      'vvx----v',
    ),
    restated(
      'entries with a broken link',
      writeEntries(sealed, [redaction, { ...redaction, prev_hash: '1'.repeat(64) }]),
      'vvx----v',
    ),
    restated('entries of another agent', writeEntries(other, [redaction]), 'vvx----v'),
    restated('entries of another session', writeEntries(foreign, [redaction]), 'vvx----v'),
    restated('its entries, and another root', texts, 'vvx----v', {
      merkle_root_hex: rootHexOf(texts.slice(1)),
    }),
  ];
}

/** Entries with a field that is missing or ill typed, signed by the audit key, in reports with their figures. */
function malformedCases(): CorpusCase[] {
  const usual = { entity_kind: 'NAME', pass: 'gemma', confidence: 1 };
  const failure = { kind: 'rehydration_failed', entity_kind: 'NAME', reason: 'unknown token' };
  const wrong: Readonly<Record<string, Record<string, unknown>>> = {
    'an event id that is none': { ...usual, event_id: 'evt_1' },
    'an event id with a letter that no ULID has': { ...usual, event_id: `evt_${'U'.repeat(26)}` },
    'a day that does not exist': { ...usual, ts: '2026-02-30T00:00:00.000Z' },
    'an hour that does not exist': { ...usual, ts: '2026-02-20T24:00:00.000Z' },
    'a time without milliseconds': { ...usual, ts: '2026-02-20T00:00:00Z' },
    'a kind that is a number': { ...usual, kind: 7 },
    'an entity kind of 129 bytes': { ...usual, entity_kind: `${'é'.repeat(64)}x` },
    'an entity kind that is a list': { ...usual, entity_kind: ['NAME'] },
    'a span that ends before it begins': { ...usual, span: [9, 3] },
    'a span of one number': { ...usual, span: [9] },
    'a span of half characters': { ...usual, span: [0.5, 3] },
    'a confidence above 1': { ...usual, confidence: 1.5 },
    'a confidence below 0': { ...usual, confidence: -0.5 },
    'a confidence that is a text': { ...usual, confidence: '1' },
    'a token key that is a number': { ...usual, kid: 5 },
    'a token kind that is null': { ...usual, token_kind: null },
    'a reason that is a number': { ...failure, reason: 1 },
    'a pass that is null': { ...usual, pass: null },
    'a pass that is a number, of another kind': { kind: 'policy_reloaded', pass: 5 },
    'more than 32,768 bytes': { ...usual, note: 'x'.repeat(33_000) },
  };
  const taken: readonly (readonly [Record<string, unknown>, string])[] = [
    ...['pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid'].map(
      (name) => [usual, name] as const,
    ),
    ...['entity_kind', 'reason', 'token_kind', 'kid'].map((name) => [failure, name] as const),
    ...['ts', 'event_id', 'kind'].map((name) => [{ ...usual }, name] as const),
  ];
  const malformed = (name: string, entries: string[]) =>
    oneCase(
      `an entry with ${name}`,
      sessionPdf(
        late({
          entries: () => entries,
          report: statedFigures(entries, rootHexOf(entries), headHashOf(entries)),
        }),
      ),
      KEY,
      'vvx-----',
    );
  return [
    ...Object.entries(wrong).map(([name, extra]) => malformed(name, writeEntries(sealed, [extra]))),
    ...taken.map(([extra, name]) => {
      const [text] = writeEntries(sealed, [extra]) as [string];
      return malformed(`no ${name}${extra === failure ? ', a rehydration failure' : ''}`, [
        edit(text, { [name]: undefined }),
      ]);
    }),
    malformed('a hash in capitals', [edit(at(0), { this_hash: (hash) => (hash as string).toUpperCase() })]),
    malformed('a seq that is a text', [edit(at(0), { seq: '0' })]),
    oneCase(
      'a line that is no entry',
      sessionPdf(late({ entries: () => [...texts, '[]'] })),
      KEY,
      'vvx-----',
    ),
    oneCase(
      'a line that is an empty object',
      sessionPdf(late({ entries: () => texts.with(2, canonicalize({})) })),
      KEY,
      'vvx-----',
    ),
  ];
}

/** Seals and chains, with the audit key. */
function sealCases(): CorpusCase[] {
  const wrongSeal = { ...sealed, seal: '0'.repeat(64) };
  return [
    oneCase(
      'an entry without the hash before it, with the audit key',
      sessionPdf(late({ entries: () => texts.with(2, edit(at(2), { prev_hash: undefined })) })),
      [...KEY, ...MACS],
      'vvx----x',
    ),
    oneCase(
      'a chain under another key',
      sessionPdf(
        late({
          entries: () => relinked(texts),
          report: statedFigures(relinked(texts), rootHexOf(relinked(texts)), headHashOf(relinked(texts))),
        }),
      ),
      [...KEY, ...MACS],
      'vvv----x',
    ),
    oneCase(
      'entries of a key that the report does not name',
      sessionPdf(late({ report: { 'audit_log.key_id': 'k_other' } })),
      [...KEY, ...MACS],
      'vvv-----',
    ),
    ...[wrongSeal].map((session) => {
      const parts = makeReport({ session, evidence: evidenceOf(session, logOf([session])) });
      return oneCase('a seal that is not the log’s', sessionPdf(parts), [...KEY, ...MACS], 'vvvvv--x');
    }),
    oneCase(
      'entries as an empty file, of a report on seven',
      sessionPdf(makeReport({ session: sealed, entries: () => ndjson([]) })),
      KEY,
      'vvxxv---',
    ),
  ];
}
