import { naiveSeal } from '../naive-chain.ts';
import { type CorpusCase, KEY, MACS, oneCase } from './case.ts';
import { sessionPdf } from './containers.ts';
import { type Changes, json, less, more, otherHex, otherId } from './json-edit.ts';
import { bothOf, changedText, good, logged, withEvidence } from './logged-evidence.ts';
import { makeReport } from './session-reports.ts';
import { AUDIT_KEY, closedText, OTHER_ACCOUNT, SESSIONS, sealedFacts } from './sessions.ts';

const { sealed } = SESSIONS;

export function loggedMemberCases(): CorpusCase[] {
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
    oneCase('log: an entry with another audit key', sessionPdf(otherKey), [...KEY, ...MACS], 'vvv-x---'),
    oneCase(
      'log: an entry without a seal, of a report that says sealed',
      sessionPdf(withEvidence(logged(changedText({ seal: null })))),
      KEY,
      'vvv-x---',
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
export function loggedTypeCases(): CorpusCase[] {
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
