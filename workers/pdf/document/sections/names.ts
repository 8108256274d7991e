// Names of any length, as the cover and tables show them. A name that is shortened there is printed whole in the glossary.
import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { freeText, type Html, type HtmlValue, html } from '../markup/html.ts';
import { name, textBlock } from '../markup/parts.ts';
import { shorten } from '../markup/printable.ts';

/** Code points in large type: two lines. */
const HEADLINE_LIMIT = 50;
/** Code points in a row. */
const ROW_LIMIT = 56;
/** Lines of one name that is printed whole; the attached JSON has all. */
const LINES_LIMIT = 20;

export function headline(text: string): Html {
  return name(shorten(text, HEADLINE_LIMIT));
}

export function shortName(text: string): Html {
  return name(shorten(text, ROW_LIMIT));
}

/** Who asked for the report. */
export function issuedTo({ issued_to: user }: AnyReport): HtmlValue {
  if (user === null) return '';
  return html`<p class="issued">Report issued to ${shortName(user.name)} <code class="id">${freeText(shorten(user.id, ROW_LIMIT))}</code></p>\n`;
}

/** The names that the pages shorten, whole; empty where they shorten none. */
export function namesInFull(report: AnyReport): HtmlValue {
  const long = namesOf(report).filter(([, text]) => shorten(text, ROW_LIMIT) !== text);
  if (long.length === 0) return '';
  return html`<h3>Names in full</h3>
${long.map(([label, text]) => html`<p class="full">${label}</p>\n${textBlock(text, LINES_LIMIT)}`)}`;
}

function namesOf(report: AnyReport): (readonly [label: string, text: string])[] {
  const names: (readonly [string, string])[] = [['The account', report.account.name]];
  if (report.issued_to !== null) {
    names.push(['Who asked for the report', report.issued_to.name], ['Id of who asked', report.issued_to.id]);
  }
  if (report.scope !== 'account') names.push(['The agent', report.agent.name]);
  if (report.scope !== 'session') return names;
  const { session, policy, audit_log: log } = report;
  if (session.external_id !== null) names.push(['The external id of the session', session.external_id]);
  names.push(
    ['The model', session.upstream_model],
    ['The policy', policy.name],
    ['The audit key', log.key_id],
  );
  return names;
}
