import type { AnyReport, Report } from '../../../../shared/reports/report-schema.ts';
import { LOG_STATE_WORDS } from '../../../../shared/reports/wording.ts';
import { type Html, type HtmlValue, html } from '../markup/html.ts';
import { commands, factTable, hash, id, name } from '../markup/parts.ts';
import { keyIdOf } from './account-log.ts';
import type { Section, Source } from './section.ts';
import { CHAIN, ROOT, SEAL, sealedFacts } from './shell.ts';

export const checkByHand: Section = {
  title: 'How to check this report',
  name: 'check-by-hand',
  body,
};

function body(source: Source): Html {
  const { report, attachmentName } = source;
  return html`${verifiers(report)}${whoCanCheck(report)}${fileCheck(source)}<h3>The policy's text</h3>
${commands('jq -j .report.policy_snapshot \\', `  ${attachmentName} | sha256sum`)}<p>Expected: ${hash(report.policy.sha256)}</p>
<h3>The Merkle root</h3>
${rootCheck(report)}${keyChecks(report, attachmentName)}`;
}

/** How to check the PDF with a program: before everything by hand, which takes an hour and no trust in any program. */
export function verifiers({ evidence }: AnyReport): Html {
  return html`<h3>With one of three programs</h3>
<p>Three programs check this PDF without a network, and share no code: <code>verify.html</code> for a browser, <code>verify.py</code>,
<code>verify.mjs</code>. Take one from a place that you trust, not from whoever handed you this report. Each needs the verifier key of
the account log, and that has to come to you by another way than this report: a forger would print a key of his own here.
${evidence === null ? '' : html`It begins with ${id(`${evidence.origin}+${keyIdOf(evidence)}+`)}.`}</p>
<p>With a browser: open <code>verify.html</code> with a double click, paste the key, drop this PDF on the page. Or:</p>
${commands(
  'python3 verify.py report.pdf --key "VERIFIER_KEY"',
  'node verify.mjs report.pdf --key "VERIFIER_KEY"',
)}<p>Each says of every axis: verified, failed, or not checked and why. Nothing is verified without the key. Where one says failed, rely on
nothing in this file.${evidence === null ? ' This report names no account log: what the programs cannot check, they name.' : ''}</p>
`;
}

/** How to take the attached file out, and its digest. */
export function fileCheck({ attachmentName, attachmentSha256Hex }: Source<AnyReport>): Html {
  return html`<h3>By hand</h3>
<p>The commands are for bash with <code>sha256sum</code>, <code>openssl</code>, <code>jq</code> and, to take the file
out of this PDF, <code>pdfdetach</code> (poppler-utils). <code>‹U+202E›</code> in these pages stands for a character that is not
printed, by its Unicode number.</p>
<h3>The file that these pages are made from</h3>
<p>Take it out of this PDF and compute its digest, in one of two ways. The file is ${id(attachmentName)}.</p>
${commands(
  `pdfdetach -savefile ${attachmentName} -o ${attachmentName} report.pdf`,
  `sha256sum ${attachmentName}`,
  `openssl dgst -sha256 ${attachmentName}`,
)}<p>Expected: ${hash(attachmentSha256Hex)}</p>
`;
}

/** Who can check which part. */
export function whoCanCheck({ who_can_check: who }: AnyReport): Html {
  return factTable(
    'Who can check what',
    [
      ['Anyone', who.anyone],
      ['Holder of the audit key', who.audit_key],
      ['Writer to the database', who.database_writer],
      ['Nobody', who.nobody],
    ],
    'who',
  );
}

function rootCheck(report: Report): Html {
  const expected = html`<p>Expected: ${hash(report.merkle_root_hex)}</p>\n`;
  if (report.audit_log.event_count === 0) {
    return html`<p>The log is empty: its root is the digest of nothing.</p>
${commands(`printf '' | sha256sum`)}${expected}`;
  }
  return html`<p>With the session's entries in <code>entries.ndjson</code>, one a line, in the order of <code>seq</code>, as the log
holds them. This PDF carries that file where the log is short: take it out by its name as above.</p>
${commands(...ROOT)}${expected}`;
}

function keyChecks({ audit_log: log }: Report, file: string): HtmlValue {
  if (log.event_count === 0) return '';
  return html`<h3>The hash chain</h3>
<p>With the same entries and the audit key ${name(log.key_id)} in hexadecimal digits. The key shows in the list of processes:
use a computer that is yours alone.</p>
${commands(...CHAIN)}<p>Expected: ${hash(log.end_hash)}</p>
${log.state === LOG_STATE_WORDS.sealed ? sealCheck(file) : ''}`;
}

function sealCheck(file: string): Html {
  return html`<h3>The seal</h3>
<p>With the audit key as above. Expected: the seal in the session's row.</p>
${commands(...sealedFacts(file), ...SEAL)}`;
}
