import type { AnyReport, Report } from '../../../../shared/reports/report-schema.ts';
import { LOG_STATE_WORDS } from '../../../../shared/reports/wording.ts';
import { type Html, type HtmlValue, html } from '../markup/html.ts';
import {
  counted,
  dataTable,
  factTable,
  hash,
  name,
  number,
  sentence,
  status,
  time,
} from '../markup/parts.ts';
import { entryCheck, entryVerdict } from './account-log.ts';
import { shortName } from './names.ts';
import { namesLimit } from './names-limit.ts';
import type { Section, Source } from './section.ts';

export const integrity: Section = { title: 'Audit-log integrity', name: 'integrity', body };

/** Policy reloads whose positions are printed. */
const RELOADS_LIMIT = 100;

function body({ report }: Source): Html {
  const { audit_log: log } = report;
  return html`${factTable('The log as it was read for this report', [
    ['Entries', entriesOf(report)],
    ['Audit key', shortName(log.key_id)],
    ['Start hash', hash(log.start_hash)],
    ['End hash', hash(log.end_hash)],
    ['Merkle root', hash(report.merkle_root_hex)],
  ])}${verdictTable(report)}${otherKinds(report)}${sourceTable(report)}`;
}

function entriesOf({ audit_log: log }: Report): HtmlValue {
  if (log.event_count === 0) return 'none';
  return html`${number(log.event_count)}, dated from ${time(log.first_ts)} to ${time(log.last_ts)}`;
}

function verdictTable(report: Report): Html {
  const { audit_log: log, completeness } = report;
  const sealed = log.state === LOG_STATE_WORDS.sealed;
  const rows: HtmlValue[][] = [
    [
      'Hash chain',
      status(sentence(log.chain), 'good'),
      'HMAC-SHA256 from the start hash to the end hash, every entry',
    ],
    ['Merkle root', status('Recomputed.', 'good'), 'SHA-256 tree of RFC 6962 over all entries, on this call'],
    ['Seal', status(sentence(log.state), sealed ? 'good' : 'fair'), 'State of the log when it was read'],
    ['Anchors', anchorVerdict(log), presentAnchors(log)],
    ['Account log', entryVerdict(report), entryCheck(report)],
    [
      'Completeness',
      status(`${number(completeness.entries_read)} read.`, 'good'),
      presentCompleteness(completeness),
    ],
  ];
  const columns = [{ label: 'Axis' }, { label: 'Verdict' }, { label: 'What was checked' }];
  return dataTable({ caption: 'Verdict per axis', columns, name: 'verdicts' }, rows);
}

function anchorVerdict({ anchors }: Report['audit_log']): Html {
  return anchors.length === 0 ? status('None.', 'plain') : status(`${anchors.length} reproduced.`, 'good');
}

const ANCHOR_WORDS = {
  stored: 'Stored root',
  reported: 'Root of an earlier report',
  checkpoint: 'Root in the account log',
} as const;

/** The earlier roots. The walk reproduced each: a log that does not gives no report. */
function presentAnchors({ anchors }: Report['audit_log']): HtmlValue {
  if (anchors.length === 0) return 'No root of this log was stored, reported or entered before';
  return anchors.map(
    ({ source, size, root_hex: root }) =>
      html`<p>${ANCHOR_WORDS[source]} over ${counted(size, 'entry', 'entries')}: ${hash(root)} Agrees.</p>\n`,
  );
}

function presentCompleteness(completeness: Report['completeness']): string {
  const { entries_expected: entries, entries_expected_is: is } = completeness;
  const { first_seq: first, last_seq: last, policy_reloads: reloads, gaps } = completeness;
  return [
    `Expected ${is === 'exact' ? 'exactly' : is} ${number(entries)}`,
    ...(first === null || last === null ? [] : [`sequence ${number(first)} to ${number(last)}`]),
    `gaps: ${gaps.length === 0 ? 'none' : gaps.join(', ')}`,
    `policy reloads: ${reloads.length === 0 ? 'none' : `at ${positions(reloads)}`}`,
  ].join('; ');
}

function positions(reloads: readonly number[]): string {
  const shown = reloads.slice(0, RELOADS_LIMIT).join(', ');
  const more = reloads.length - RELOADS_LIMIT;
  return more > 0 ? `${shown} and ${number(more)} more in the attached JSON` : shown;
}

/** The entries that no total counts. */
export function otherKinds(report: AnyReport): HtmlValue {
  const { other_kinds: kinds } = report.completeness;
  const limit = namesLimit(report);
  if (kinds.size === 0) return '';
  const more = kinds.size > limit ? `, the first ${limit} of ${number(kinds.size)}` : '';
  return dataTable(
    {
      caption: `Entries that are neither redactions nor rehydration failures${more}`,
      columns: [{ label: 'Kind' }, { label: 'Entries', kind: 'number' }],
      name: 'counts',
    },
    [...kinds].slice(0, limit).map(([kind, count]) => [name(kind), number(count)]),
  );
}

/** Where a report comes from, and what protects each source. */
export function sourceTable({ completeness }: AnyReport): Html {
  const columns = [{ label: 'Source' }, { label: 'Used for' }, { label: 'Covered by' }];
  const rows = completeness.sources.map((row) => [
    sentence(row.source),
    sentence(row.used_for),
    sentence(row.covered_by),
  ]);
  return dataTable({ caption: 'Where this report comes from', columns, name: 'sources' }, rows);
}
