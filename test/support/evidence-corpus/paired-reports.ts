// Reports on one session as it grows, and on another history of it.
import { type Evidence, evidenceOf, LOG } from './account-log.ts';
import { sessionPdf } from './containers.ts';
import { makeReport, type ReportTraits } from './session-reports.ts';
import { type CorpusSession, closedText, makeSession, writeEntries } from './sessions.ts';

const name = '07';
const grown = makeSession({ name, size: 9 });
export const at = (size: number, state: 'open' | 'unsealed' | 'sealed' = 'open') =>
  makeSession({ name, size, state, entries: grown.entries.slice(0, size) });
/** The same session with another entry in its middle, and all that follows signed by the audit key. */
export const forked = (size: number, state: 'open' | 'sealed' = 'open') => {
  const other = writeEntries(
    grown,
    [{ entity_kind: 'SSN', pass: 'regex', confidence: 1 }],
    grown.entries.slice(0, 2),
  );
  const extras = Array.from({ length: size - 3 }, () => ({
    entity_kind: 'NAME',
    pass: 'gemma',
    confidence: 1,
  }));
  return makeSession({ name, size, state, entries: writeEntries(grown, extras, other) });
};

const IDS = ['rep_01KQN89WGRBPJ4AAGAHJXMZY81', 'rep_01KQN89WGRBPJ4AAGAHJXMZY82'] as const;

/** One log for all of them, also for those that contradict each other. */
export const JOINT = [
  ...LOG,
  ...[at(6, 'unsealed'), at(9, 'sealed'), at(6, 'sealed'), at(3, 'sealed'), forked(9, 'sealed')].map(
    closedText,
  ),
];

function logged(session: CorpusSession): Evidence | null {
  return session.endedAt === null ? null : evidenceOf(session, JOINT);
}

export const report = (session: CorpusSession, second = false, traits: Partial<ReportTraits> = {}) =>
  makeReport({
    ...{ session, reportId: IDS[second ? 1 : 0], ...traits },
    evidence: traits.evidence === undefined ? logged(session) : traits.evidence,
  });
export const pdf = (session: CorpusSession, second = false, traits: Partial<ReportTraits> = {}) =>
  sessionPdf(report(session, second, traits));

export const OPEN = 'vvv-----';
export const SEALED = 'vvvvv---';
export const UNSEALED = 'vvv-v---';
export const BARE = 'vv------';
