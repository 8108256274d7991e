// Two reports of one session that one root alone does not hold together: what came first, and what else they state.
import { hash } from 'node:crypto';
import { evidenceOf, FORGER_KEY, LOG } from './account-log.ts';
import { type CorpusCase, KEY, pairCase } from './case.ts';
import { sessionPdf } from './containers.ts';
import { type Changes, json, less, more, otherHex, otherId } from './json-edit.ts';
import { at, BARE, JOINT, OPEN, pdf, report, SEALED, UNSEALED } from './paired-reports.ts';
import type { ReportTraits } from './session-reports.ts';
import { type CorpusSession, SESSIONS } from './sessions.ts';

/** Beside reports of 2026-05-03T21:30:11Z. */
const DAYS_LATER: Changes = { generated_at: '2026-05-09T10:00:00Z' };
const HOUR_LATER: Changes = { generated_at: '2026-05-03T22:30:11Z' };
const MORE_THAN_AN_HOUR_LATER: Changes = { generated_at: '2026-05-03T22:30:11.001Z' };

const UNLOGGED = { evidence: null, missing: 'not logged yet' } as const;
const ALONE: Partial<ReportTraits> = { entries: () => null };
const LOG_ALONE = 'v---v---';

const sealed = at(9, 'sealed');
const later = (session: CorpusSession, traits: Partial<ReportTraits> = {}, when = DAYS_LATER) =>
  pdf(session, true, { ...traits, report: { ...when, ...traits.report } });
const withoutNote = (session: CorpusSession, traits: Partial<ReportTraits> = {}) =>
  sessionPdf({ ...report(session, true, traits), note: null });

export function pairTimeCases(): CorpusCase[] {
  return [...orderCases(), ...givenCases(), ...figureCases(), ...sealCases(), ...logSizeCases()];
}

type Signed = Readonly<{ file: Buffer; marks: string }>;
const open = (size: number): Signed => ({ file: pdf(at(size)), marks: OPEN });
const openLater = (size: number, when = DAYS_LATER): Signed => ({
  file: later(at(size), {}, when),
  marks: OPEN,
});
const unlogged = (size: number): Signed => ({
  file: pdf(at(size, 'unsealed'), false, UNLOGGED),
  marks: OPEN,
});
const unloggedLater = (size: number): Signed => ({
  file: later(at(size, 'unsealed'), UNLOGGED),
  marks: OPEN,
});

const pair = (name: string, first: Signed, second: Signed, relation: 'v' | 'x' | '-') =>
  pairCase(`pair: ${name}`, [first.file, second.file], KEY, [first.marks, second.marks], relation);

/** A log grows, then ends, then is sealed. Two reports within an hour may have been made in either order. */
function orderCases(): CorpusCase[] {
  const unsealed: Signed = { file: pdf(at(6, 'unsealed')), marks: UNSEALED };
  const sealedFirst: Signed = { file: pdf(sealed), marks: SEALED };
  const state = { 'audit_log.state': 'unsealed: the tail may have been cut' };
  const unsealedAgain = (when: Changes): Signed => ({
    file: later(sealed, { ...UNLOGGED, report: state }, when),
    marks: OPEN,
  });
  const bare = (session: CorpusSession, second: boolean): Signed => ({
    file: pdf(session, second, { ...UNLOGGED, ...ALONE }),
    marks: BARE,
  });
  return [
    pair('an open log that grew within days', open(3), openLater(5), 'v'),
    pair('a later report has fewer entries', open(5), openLater(3), 'x'),
    pair('a later report has fewer entries, and is named first', openLater(3), open(5), 'x'),
    pair('fewer entries an hour later', open(5), openLater(3, HOUR_LATER), 'v'),
    pair('fewer entries more than an hour later', open(5), openLater(3, MORE_THAN_AN_HOUR_LATER), 'x'),
    pair(
      'fewer entries more than an hour later, named first',
      openLater(3, MORE_THAN_AN_HOUR_LATER),
      open(5),
      'x',
    ),
    pair('an open session that ended later', open(6), unloggedLater(6), 'v'),
    pair('an ended session that is open later', unsealed, openLater(6), 'x'),
    pair(
      'an ended session that is open at the same time',
      unsealed,
      { file: pdf(at(6), true), marks: OPEN },
      'v',
    ),
    pair('an ended session that is open within the hour', unsealed, openLater(6, HOUR_LATER), 'v'),
    pair('a sealed session that is open later', sealedFirst, openLater(9), 'x'),
    pair('a session that is open, and sealed days before', openLater(9), sealedFirst, 'x'),
    pair('a sealed session that is unsealed later', sealedFirst, unsealedAgain(DAYS_LATER), 'x'),
    pair('a sealed session that is unsealed within the hour', sealedFirst, unsealedAgain(HOUR_LATER), 'v'),
    pair('five entries, later ended with three', open(5), unloggedLater(3), 'x'),
    pair('three entries at its end, later open with five', unlogged(3), openLater(5), 'x'),
    pair('three entries at its end, and open with five at the same time', unlogged(3), open(5), 'x'),
    pair(
      'three entries at its end, and open with five, without the entries',
      bare(at(3, 'unsealed'), false),
      bare(at(5), true),
      'x',
    ),
    pair('three entries at its end, later ended with five', unlogged(3), unloggedLater(5), 'v'),
    pair(
      'open, and sealed by the log alone, whose report says an earlier time',
      openLater(9),
      { file: withoutNote(sealed), marks: 'v-vvv---' },
      'v',
    ),
    pair(
      'sealed by the log alone, whose report says a time that nobody signed, and open',
      { file: withoutNote(sealed), marks: 'v-vvv---' },
      openLater(9),
      'v',
    ),
  ];
}

/** What a session is given as it begins does not change, whatever its log holds. */
function givenCases(): CorpusCase[] {
  const changes: Readonly<Record<string, Changes>> = {
    account: { 'account.id': otherId },
    agent: { 'agent.id': otherId },
    start: { 'session.started_at': '2020-01-01T00:00:00Z' },
    'audit key': { 'audit_log.key_id': 'k_other' },
  };
  return Object.entries(changes).flatMap(([what, change]) => [
    pair(
      `one log with another ${what}`,
      { file: pdf(at(3), false, ALONE), marks: BARE },
      { file: pdf(at(3), true, { ...ALONE, report: change }), marks: BARE },
      'x',
    ),
    pair(
      `a log that grew, with another ${what}`,
      { file: pdf(at(3), false, { ...ALONE, report: change }), marks: BARE },
      { file: pdf(at(5), true), marks: OPEN },
      'x',
    ),
  ]);
}

/** The same entries give one last hash and one count of everything. */
function figureCases(): CorpusCase[] {
  const changes: Readonly<Record<string, Changes>> = {
    'last hash': { 'audit_log.end_hash': otherHex },
    'one redaction more': { redaction_count: more },
    'one redaction less': { redaction_count: less },
    'other kinds': { redactions_by_kind: json({ SSN: 3 }) },
    'no kinds': { redactions_by_kind: json({}) },
    'other passes': { redactions_by_pass: json({ gemma: 3 }) },
  };
  const unsignedCounts = { ...ALONE, report: { redaction_count: more } };
  const logAlone: Signed = { file: withoutNote(sealed, unsignedCounts), marks: LOG_ALONE };
  const firstSealed: Signed = { file: pdf(sealed), marks: SEALED };
  return [
    ...Object.entries(changes).flatMap(([what, change]) => [
      pair(
        `the same entries with ${what}`,
        { file: pdf(at(4), false, ALONE), marks: BARE },
        { file: pdf(at(4), true, { ...ALONE, report: change }), marks: BARE },
        'x',
      ),
      pair(
        `a log that grew from entries with ${what}`,
        { file: pdf(at(4), false, { ...ALONE, report: change }), marks: BARE },
        open(6),
        'x',
      ),
    ]),
    pair(
      'a log that grew from entries that are not there',
      { file: pdf(at(4), false, ALONE), marks: BARE },
      open(6),
      'v',
    ),
    pair('counts that nobody signed, beside signed ones', firstSealed, logAlone, 'v'),
    pair('signed counts beside counts that nobody signed', logAlone, firstSealed, 'v'),
    pair(
      'counts that the entries give, beside others that were signed',
      { file: withoutNote(sealed), marks: 'v-vvv---' },
      { file: pdf(sealed, false, unsignedCounts), marks: 'vv--v---' },
      'x',
    ),
  ];
}

/** A seal covers the end, the status and the policy. */
function sealCases(): CorpusCase[] {
  const text = 'policy: another\n';
  const changes: Readonly<Record<string, Changes>> = {
    end: { 'session.ended_at': '2026-05-02T22:00:00Z' },
    status: { 'session.status': 'error' },
    policy: { 'policy.sha256': hash('sha256', text), policy_snapshot: text },
  };
  return Object.entries(changes).flatMap(([what, change]) => [
    pair(
      `one sealed log with another ${what}`,
      { file: pdf(sealed), marks: SEALED },
      { file: pdf(sealed, true, { ...UNLOGGED, report: change }), marks: OPEN },
      'x',
    ),
    pair(
      `one unsealed log with another ${what}`,
      unlogged(6),
      { file: pdf(at(6, 'unsealed'), true, { ...UNLOGGED, report: change }), marks: OPEN },
      'v',
    ),
  ]);
}

/** The account's log grows from report to report, whichever session each is on. */
function logSizeCases(): CorpusCase[] {
  const shorter = JOINT.slice(0, -1);
  const under = (log: readonly string[], traits: Partial<ReportTraits> = {}) => ({
    ...traits,
    evidence: evidenceOf(sealed, log),
  });
  const long: Signed = { file: pdf(sealed, false, under(JOINT)), marks: SEALED };
  const short: Signed = { file: pdf(sealed, false, under(shorter)), marks: SEALED };
  const other: Signed = {
    file: later(SESSIONS.sealed, { evidence: evidenceOf(SESSIONS.sealed, LOG) }),
    marks: SEALED,
  };
  const shortLater = (when: Changes): Signed => ({
    file: later(sealed, under(shorter), when),
    marks: SEALED,
  });
  const unstated: Signed = {
    file: withoutNote(sealed, { ...under(shorter), report: DAYS_LATER }),
    marks: 'v-vvv---',
  };
  const elsewhere: Signed = {
    file: later(sealed, { evidence: evidenceOf(sealed, shorter, [FORGER_KEY]) }),
    marks: 'vvv-x---',
  };
  return [
    pair('an account log that grew', short, { file: later(sealed, under(JOINT)), marks: SEALED }, 'v'),
    pair('an account log that is smaller later', long, shortLater(DAYS_LATER), 'x'),
    pair('an account log that is smaller later, named first', shortLater(DAYS_LATER), long, 'x'),
    pair('an account log that is smaller within the hour', long, shortLater(HOUR_LATER), 'v'),
    pair('an account log that is smaller at a time that nobody signed', long, unstated, 'v'),
    pair('an account log that is smaller later, by a key that nobody gave', long, elsewhere, 'v'),
    pair('an account log that is smaller later, of another session', long, other, 'x'),
    pair(
      'an account log, and later no evidence of it',
      long,
      { file: later(sealed, UNLOGGED), marks: OPEN },
      'v',
    ),
  ];
}
