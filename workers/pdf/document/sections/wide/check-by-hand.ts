import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../../markup/html.ts';
import { commands, hash } from '../../markup/parts.ts';
import { fileCheck, verifiers, whoCanCheck } from '../check-by-hand.ts';
import type { Section, Source } from '../section.ts';
import { ROOT } from '../shell.ts';
import { whyNone } from './words.ts';

export const wideCheckByHand: Section<WideReport> = {
  title: 'How to check this report',
  name: 'check-by-hand',
  body,
};

function body(source: Source<WideReport>): Html {
  const { report, attachmentName } = source;
  return html`${verifiers(report)}${whoCanCheck(report)}${fileCheck(source)}<h3>The Merkle root over the sessions</h3>
${rootCheck(report, attachmentName)}<h3>The log of one session</h3>
<p>The report on the session says how to check its entries against the root that this report states of it.</p>
`;
}

function rootCheck(report: WideReport, file: string): Html {
  const expected = html`<p>Expected: ${hash(report.merkle_root_hex)}</p>\n`;
  if (report.sessions_total === 0) {
    return html`<p>${whyNone(report)} The root is the digest of nothing.</p>
${commands(`printf '' | sha256sum`)}${expected}`;
  }
  return html`<p>One leaf a session: its root, its id and how many entries it has, as the attached file lists them.</p>
${commands(
  "jq -cS '.report.sessions[] | {root: .root_hex, session_id: .id, size: .entries}' \\",
  `  ${file} > entries.ndjson`,
  ...ROOT,
)}${expected}`;
}
