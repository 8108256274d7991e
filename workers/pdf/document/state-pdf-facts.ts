import type { StatedReport, StatedWideReport } from '../../../shared/reports/earlier-revisions.ts';
import { fileStem, type ReportSubject } from '../../../shared/reports/subject.ts';
import type { PdfFacts } from './pdf-draft.ts';

/** The language of the pages. */
export const LANGUAGE = 'en';

type SessionFields = Pick<
  StatedReport,
  'scope' | 'id' | 'session_id' | 'merkle_root_hex' | 'generated_at' | 'account'
>;

/** The facts that the PDF of a report of any revision states besides its pages. */
export function statePdfFacts(report: SessionFields | StatedWideReport): PdfFacts {
  const subject = describeSubject(report);
  return {
    title: `Compliance report of ${subject}`,
    language: LANGUAGE,
    reportId: report.id,
    subject,
    rootHex: report.merkle_root_hex,
    generatedAt: report.generated_at,
    attachmentName: `${fileStem(subjectOf(report), report.account.id)}.json`,
  };
}

function describeSubject(report: SessionFields | StatedWideReport): string {
  if (report.scope === 'session') return `session ${report.session_id}`;
  const { since, until } = report.window;
  const of = report.scope === 'agent' ? `agent ${report.agent_id}` : `account ${report.account.id}`;
  return `${of}, ${since} to ${until}`;
}

function subjectOf(report: SessionFields | StatedWideReport): ReportSubject {
  if (report.scope === 'session') return { scope: 'session', sessionId: report.session_id };
  const { since, until, ...rest } = report.window;
  const window = { ...rest, since: new Date(since), until: new Date(until) };
  return report.scope === 'agent'
    ? { scope: 'agent', agentId: report.agent_id, window }
    : { scope: 'account', window };
}
