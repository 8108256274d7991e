import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { hash } from '../markup/parts.ts';
import type { Source } from './section.ts';

/** The digests that bind a report: its root, what it is over, and the attached file's. */
export function digests(
  { report, attachmentName, attachmentSha256Hex }: Source<AnyReport>,
  root: Readonly<{ of: string; over: string }>,
): Html {
  return html`<table class="digests">
<caption>What binds it</caption>
<tbody>
<tr><th scope="row">Merkle root of the ${root.of}
<small>over ${root.over}</small></th>
<td class="root">${hash(report.merkle_root_hex)}</td></tr>
<tr><th scope="row">SHA-256 of the attached file
<small>${attachmentName}</small></th>
<td>${hash(attachmentSha256Hex)}</td></tr>
</tbody>
</table>
<p class="note">These pages are made from the attached file and show nothing that it does not hold.</p>
`;
}
