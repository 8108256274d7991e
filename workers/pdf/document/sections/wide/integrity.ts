import type { WideReport } from '../../../../../shared/reports/report-schema.ts';
import { type Html, type HtmlValue, html } from '../../markup/html.ts';
import { dataTable, factTable, hash, name, number, time } from '../../markup/parts.ts';
import { shorten } from '../../markup/printable.ts';
import { windowRows } from '../account-log.ts';
import { otherKinds, sourceTable } from '../integrity.ts';
import type { Section, Source } from '../section.ts';
import { ROW_NAME_LIMIT } from './words.ts';

export const wideIntegrity: Section<WideReport> = {
  title: 'Audit-log integrity and completeness',
  name: 'integrity',
  body,
};

/** Rows of the table of audit keys. */
const KEYS_LIMIT = 10;

function body({ report }: Source<WideReport>): Html {
  const { audit_log: log, completeness } = report;
  const counted = (sessions: number, at: string) => html`${number(sessions)}, at ${time(at)}`;
  return html`${factTable('The logs as they were read for this report', [
    ['Sessions', number(log.sessions_walked)],
    ['Entries', number(log.entries_read)],
    ['Merkle root', hash(report.merkle_root_hex)],
    ['First entry', time(log.first_ts)],
    ['Last entry', time(log.last_ts)],
  ])}${keyTable(log.keys)}${factTable('Completeness', [
    ['Window', completeness.extent],
    ['Sessions before the walk', counted(completeness.counted_before, completeness.counted_before_at)],
    ['Sessions after the walk', counted(completeness.counted_after, completeness.counted_after_at)],
    ['Walked and verified', number(completeness.sessions_walked)],
    ['Of these, open', `${number(completeness.sessions_open)}, walked to where they stood`],
    ['Failed', number(completeness.sessions_failed)],
    ['Not checked', number(completeness.sessions_unverifiable)],
    ['Gone meanwhile', number(completeness.sessions_gone.length)],
    ['What is said of a session', 'was true when it was read: the attached file has the time of each'],
  ])}${factTable('Account log', windowRows(report))}${otherKinds(report)}${sourceTable(report)}`;
}

function keyTable(keys: WideReport['audit_log']['keys']): HtmlValue {
  if (keys.length === 0) return '';
  const columns = [
    { label: 'Audit key' },
    { label: 'Sessions', kind: 'number' },
    { label: 'Entries', kind: 'number' },
  ] as const;
  const rows = keys
    .slice(0, KEYS_LIMIT)
    .map((key) => [name(shorten(key.key_id, ROW_NAME_LIMIT)), number(key.sessions), number(key.entries)]);
  const more = keys.length > KEYS_LIMIT ? `, the first ${KEYS_LIMIT} of ${number(keys.length)}` : '';
  return dataTable({ caption: `Verified logs by audit key${more}`, columns, name: 'counts' }, rows);
}
