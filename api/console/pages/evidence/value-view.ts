// What a pasted value is, for a reader: each thing that has it, whether it is ours, and whether that still holds.
import { type LogVerdict, verdictName } from '../../../../shared/audit/verdict.ts';
import { type Html, html, nothing } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state, verdictState } from '../../markup/state.ts';
import { storedTime, time } from '../../markup/time.ts';
import { aboutReport, type ReportNames } from '../reports/report-names.ts';
import { answerCard, type Line, SUMS } from './answer-card.ts';
import type { LogAnswer } from './ask-log.ts';
import type { OtherForm, Part, StatementState } from './check-statements.ts';
import type { Found, ReportMatch, SessionMatch } from './find-value.ts';
import { logView } from './log-view.ts';

export type ReadFound = Readonly<{ names: ReportNames; timeZone: string; at: Date }>;

export function foundView(found: Found, read: ReadFound): Html {
  const { reports, sessions, log, isCut } = found;
  const isUnknown = reports.length + sessions.length === 0;
  // The signed log's answer comes before what the database says beside it.
  return html`${log === null ? nothing : logView(log, read.timeZone, isUnknown)}
${sessions.map((match) => sessionView(match, found, read))}
${reports.map((match) => reportView(match, found, read))}
${isCut ? html`<p>More of this account has this value than is shown here.</p>` : nothing}`;
}

function sessionView({ part, session, logged }: SessionMatch, { walked }: Found, read: ReadFound): Html {
  const { id, endedAt } = session;
  return answerCard(
    part === 'id' ? 'A session of this account' : 'The stored root of a session of this account',
    [
      { name: 'Session', tone: 'calm', words: html`<a href="/sessions/${id}"><code>${id}</code></a>` },
      {
        name: 'Ended',
        tone: 'calm',
        words: endedAt === null ? 'still open' : storedTime(endedAt, read.timeZone),
      },
      endedAt === null && logged.kind === 'none' ? OPEN_LINE : logLine(logged, read),
      walkLine(walked.get(id), read),
    ],
  );
}

const OPEN_LINE: Line = {
  name: 'Account log',
  tone: 'doubt',
  words: 'not yet: a session is logged once it has ended',
};

/** Of what something signed says. */
const TITLES: Readonly<Record<Part, string>> = {
  id: 'A report of this account',
  json: 'The JSON of a report of this account',
  pdf: 'The PDF of a report of this account',
  csv: 'The CSV of a report of this account',
  root: 'The root that a report of this account states',
};

/** Of what a row of the ledger alone says: the title, and what is not proven. */
const UNPROVEN: Readonly<Record<Part, readonly [title: string, what: string]>> = {
  id: ['The ledger names it as a report of this account, unproven', 'this report was issued'],
  json: namedAs('JSON'),
  pdf: namedAs('PDF'),
  csv: namedAs('CSV'),
  root: [
    'The ledger names it as the root of a report of this account, unproven',
    'a report stated this root',
  ],
};

function namedAs(form: string): readonly [title: string, what: string] {
  return [
    `The ledger names it as the ${form} of a report of this account, unproven`,
    `this ${form} was issued`,
  ];
}

function reportView(
  { part, report, told, statement, otherStatements, logged, isUnproven }: ReportMatch,
  found: Found,
  read: ReadFound,
): Html {
  const { scope, sessionId, agentId, generatedAt, isRowsWord } = told;
  const about = aboutReport({ scope, agent_id: agentId, session_id: sessionId }, read.names);
  const forms = OTHER_FORMS.filter((form) => part === form || WRONG.includes(otherStatements[form]));
  const lines: readonly Line[] = [
    {
      name: 'Report',
      tone: isRowsWord.time ? 'doubt' : 'calm',
      words: html`<code>${report.id}</code>, issued ${time(generatedAt, read.timeZone)}${isRowsWord.time ? ROWS_WORD : nothing}`,
    },
    {
      name: 'About',
      tone: isRowsWord.about ? 'doubt' : 'calm',
      words: html`${about}${isRowsWord.about ? ROWS_WORD : nothing}`,
    },
    { name: 'Statement', ...STATEMENTS[statement] },
    logLine(logged, read),
    ...forms.map((form) => ({ name: `The ${NAMES[form]}`, ...otherStatement(form, otherStatements[form]) })),
    sessionId === null ? WIDE_LINE : walkLine(found.walked.get(sessionId), read),
  ];
  if (!isUnproven) return answerCard(TITLES[part], lines);
  const [title, what] = UNPROVEN[part];
  const isInLog = found.log !== null && found.log !== 'damaged' && found.log.length > 0;
  const doubt = isInLog
    ? 'Nothing signed bears out this row: rely on what the log says above.'
    : `Not proven to be ours: nothing signed says that ${what}.`;
  return answerCard(title, lines, { ...SUMS, doubt });
}

const ROWS_WORD = html`, as the ledger’s row alone says`;

const WRONG: readonly StatementState[] = ['forged', 'misdated'];

const STATEMENTS: Readonly<Record<StatementState, Omit<Line, 'name'>>> = {
  signed: {
    tone: 'good',
    words: html`${state('signed', 'good')} by this account’s key, over exactly this JSON`,
  },
  misdated: {
    tone: 'bad',
    words: html`${state('of another time', 'bad')} This account’s key signed exactly this JSON, and another time than the ledger’s row says: the row was changed.`,
  },
  unsigned: {
    tone: 'doubt',
    words: html`${state('none', 'doubt')} It was issued without a signing key, or somebody else wrote the ledger’s row.`,
  },
  forged: {
    tone: 'bad',
    words: html`${state('wrong', 'bad')} What stands in its place is not signed by this account’s key, or is about something else. Do not rely on this report.`,
  },
  unchecked: { tone: 'doubt', words: 'not checked: this deployment has no signing key' },
};

const OTHER_FORMS: readonly OtherForm[] = ['pdf', 'csv'];
const NAMES: Readonly<Record<OtherForm, string>> = { pdf: 'PDF', csv: 'CSV' };
/** How a reader checks a form by its bytes; the page takes no CSV. */
const CHECKS: Readonly<Record<OtherForm, string>> = {
  pdf: 'Check the file above, or with npm run verify.',
  csv: 'Get the report again, and compare.',
};

/** The report's statement and the log fix its JSON, and say nothing of its other forms. */
function otherStatement(form: OtherForm, found: StatementState): Omit<Line, 'name'> {
  const name = NAMES[form];
  const check = `Statement and log fix the JSON alone, and whoever writes to the database can put any digest here. ${CHECKS[form]}`;
  switch (found) {
    case 'signed':
      return {
        tone: 'good',
        words: html`${state('signed', 'good')} by this account’s key, over exactly this ${name}`,
      };
    case 'misdated':
      return {
        tone: 'bad',
        words: html`${state('of another time', 'bad')} This account’s key signed exactly this ${name}, and another time than the ledger’s row says: the row was changed.`,
      };
    case 'unsigned':
      return { tone: 'doubt', words: html`${state('not signed', 'doubt')} ${check}` };
    case 'forged':
      return {
        tone: 'bad',
        words: html`${state('wrong', 'bad')} What stands as its statement is not signed by this account’s key over this digest. ${check}`,
      };
    case 'unchecked':
      return STATEMENTS.unchecked;
  }
}

const WIDE_LINE: Line = {
  name: 'Walked now',
  tone: 'doubt',
  words: 'no: it is about many sessions. A new report on the same window walks each of them.',
};

function logLine(logged: LogAnswer, read: ReadFound): Line {
  const name = 'Account log';
  if (logged.kind === 'no_log') return { name, tone: 'doubt', words: 'this deployment signs no account log' };
  if (logged.kind === 'none') {
    const words = html`${state('not logged', 'doubt')} No entry of it was found under the signed checkpoint. What is new is logged within a minute; what stays so is in doubt.`;
    return { name, tone: 'doubt', words };
  }
  if (logged.kind === 'damaged') {
    const words = html`${state('contradicts itself', 'bad')} Entries that its signed checkpoint covers are gone or changed: the database was changed.`;
    return { name, tone: 'bad', words };
  }
  const { index, checkpoint } = logged.entry;
  const where = html`entry ${formatCount(index)}, proven under the checkpoint of ${formatCount(checkpoint.size)} entries signed ${time(checkpoint.signedAt, read.timeZone)}`;
  if (logged.kind === 'same')
    return { name, tone: 'good', words: html`${state('says so', 'good')} ${where}` };
  if (logged.kind === 'older') {
    const words = html`${state('says so of an earlier state', 'doubt')} ${where}, before it was sealed or grew. The log gets another entry.`;
    return { name, tone: 'doubt', words };
  }
  const words = html`${state('says something else', 'bad')} ${where}. The log is signed, the row in the database is not: rely on the log.`;
  return { name, tone: 'bad', words };
}

/** `verdict`: undefined where the session was not walked, null where it is gone. */
function walkLine(verdict: LogVerdict | null | undefined, { timeZone, at }: ReadFound): Line {
  const name = 'Walked now';
  if (verdict === undefined) return { name, tone: 'doubt', words: 'no: open the session to walk its log' };
  if (verdict === null) {
    return {
      name,
      tone: 'bad',
      words: html`${state('gone', 'bad')} The account has no such session any more.`,
    };
  }
  const words = html`${verdictState(verdictName(verdict))} ${time(at, timeZone)}`;
  if (verdict.status === 'verified') {
    if (verdict.state !== 'unsealed') return { name, tone: 'good', words };
    return { name, tone: 'doubt', words: html`${words}, without a seal: entries at its end may be missing` };
  }
  return {
    name,
    tone: verdict.status === 'failed' ? 'bad' : 'doubt',
    words: html`${words}. Open the session: its page says what was found, and what to do.`,
  };
}
