// What the pages say of the account log: the checkpoint on the cover, the session's entry, or why there is none.
import type { EvidenceMissing } from '../../../../shared/reports/account-log.ts';
import type { AnyReport, Report, WideReport } from '../../../../shared/reports/report-schema.ts';
import { formatNote, type Note, parseNote } from '../../../../shared/transparency/note.ts';
import { parseVerifierKey } from '../../../../shared/transparency/verifier-key.ts';
import { type Html, type HtmlValue, html } from '../markup/html.ts';
import { factTable, id, number, sentence, status } from '../markup/parts.ts';
import { qrCode } from '../markup/qr-code.ts';

type Evidence = NonNullable<AnyReport['evidence']>;

/** Why a report states nothing of the account log. */
export const WHY_NO_EVIDENCE: Readonly<Record<EvidenceMissing, string>> = {
  open: 'None yet: the session is open, and is entered once it has ended.',
  'not logged yet': 'None yet: no checkpoint covers an entry about the session as it is now.',
  'no log': 'None: this deployment keeps no account log, or has signed nothing of it yet.',
};

/** The checkpoint on the cover, to be kept and compared: as a QR code, and in words. */
export function checkpointBlock({ evidence, evidence_missing: missing }: AnyReport): Html {
  if (evidence === null) {
    return html`<p class="note">Account log: ${WHY_NO_EVIDENCE[missing ?? 'no log']}</p>\n`;
  }
  const { origin, log_size: size } = evidence;
  const root = rootOf(evidence);
  const words = `QR code of the checkpoint of ${origin}: ${number(size)} entries, root ${root}`;
  return html`<div class="checkpoint">
${qrCode(ownNote(evidence), words)}${factTable('The account log that it stands in', [
  ['Log', id(origin)],
  ['Entries', number(size)],
  ['Root of the log', id(root)],
  ['Key id', id(keyIdOf(evidence))],
])}</div>
`;
}

/** Id of the key that signed the checkpoint: 8 hex digits. */
export function keyIdOf({ verifier_key: key }: Evidence): string {
  return parseVerifierKey(key)?.keyIdHex ?? '';
}

function rootOf({ checkpoint }: Evidence): string {
  return checkpoint.split('\n')[2] ?? '';
}

/** The checkpoint with the log's own signatures: a QR code of the witnesses' too would be too dense to print. */
function ownNote({ checkpoint, origin }: Evidence): string {
  const note = parseNote(checkpoint) as Note;
  return formatNote({ ...note, signatures: note.signatures.filter(({ name }) => name === origin) });
}

/** What was checked of the session's entry in the account log, or why there is none. */
export function entryCheck({ evidence, evidence_missing: missing }: Report): HtmlValue {
  if (evidence === null) return WHY_NO_EVIDENCE[missing ?? 'no log'];
  return 'The proof of RFC 6962 of the entry under the signed checkpoint on the cover; the entry states the root, the times and the policy of this report';
}

/** The verdict on the session's entry, for the table of verdicts. */
export function entryVerdict({ evidence, evidence_missing: missing }: Report): Html {
  if (evidence !== null) return status(`Entry ${number(evidence.log_index)}.`, 'good');
  return missing === 'open'
    ? status('Not yet: open.', 'plain')
    : status(missing === 'no log' ? 'None.' : 'Not yet.', 'fair');
}

/** What the account log says of a window, or why it says nothing. */
export function windowRows({ evidence, completeness }: WideReport): (readonly [string, HtmlValue])[] {
  const stated = [['What it says', sentence(completeness.account_log)]] as const;
  if (evidence === null) return [...stated];
  return [
    ...stated,
    ...logRows(evidence),
    ['Entries about the window', number(completeness.log_entries_in_window ?? 0)],
    ['Not stored any more', named(completeness.sessions_missing)],
    ['Not in the log yet', named(completeness.sessions_not_logged)],
  ];
}

function logRows(evidence: Evidence): (readonly [string, HtmlValue])[] {
  return [
    ['Log', id(evidence.origin)],
    ['Entries', number(evidence.log_size)],
    ['Root of the log', id(rootOf(evidence))],
    ['Key id', id(keyIdOf(evidence))],
  ];
}

/** Sessions that a row names; the attached JSON has all. */
const NAMED = 10;

function named(ids: readonly string[]): HtmlValue {
  if (ids.length === 0) return 'none';
  const more = ids.length > NAMED ? ` and ${number(ids.length - NAMED)} more in the attached JSON` : '';
  return [
    `${number(ids.length)}: `,
    ...ids.slice(0, NAMED).map((each, i) => html`${i === 0 ? '' : ', '}${id(each)}`),
    more,
  ];
}
