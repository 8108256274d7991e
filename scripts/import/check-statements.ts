// Holds the statements that a ledger's row of a bundle bears against the row. A statement is about one report and its bytes,
// whoever signed it; one under this deployment's name must bear a key of it, too.
import { hash } from 'node:crypto';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { entryTextOf } from '../../shared/reports/stated-entry.ts';
import { type LogIdentity, logOrigin } from '../../shared/transparency/log-origin.ts';
import { parseNote } from '../../shared/transparency/note.ts';
import { parseStatement, type StatementSubject } from '../../shared/transparency/statement.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';
import { noteSignedBy, type SignedBy } from './signed-by.ts';

/** What is wrong with the statements of a row; null for nothing. `identity`: null where no signing key is configured. */
export function findFalseStatement(
  identity: LogIdentity | null,
  accountId: string,
  entry: LedgerEntry,
): string | null {
  for (const [subject, note, sha256Hex] of statementsOf(accountId, entry)) {
    if (typeof note !== 'string') continue;
    const parsed = parseNote(note);
    const stated = parsed && parseStatement(subject, parsed.text);
    const isOfRow =
      stated?.reportId === entry.id &&
      Date.parse(stated.generatedAt) === entry.generatedAt.getTime() &&
      Buffer.from(stated.sha256).toString('hex') === sha256Hex;
    if (sha256Hex === null || !isOfRow)
      return `its statement of the ${subject} is not about what the row says`;
    if (identity === null || stated.origin !== logOrigin(identity, accountId)) continue;
    if (!isStatementOf(identity, accountId, { subject, reportId: entry.id, sha256Hex }, note)) {
      return `its statement of the ${subject} bears no signature of this deployment's key: if the key was changed, add the earlier one to RETIRED_KEYS`;
    }
  }
  return null;
}

type StatementAndDigest = readonly [
  subject: StatementSubject,
  note: string | null | undefined,
  sha256Hex: string | null,
];

function statementsOf(accountId: string, entry: LedgerEntry): StatementAndDigest[] {
  const text = entryTextOf(accountId, entry);
  return [
    ['report', entry.statement, entry.jsonSha256Hex],
    ['pdf', entry.pdfStatement, entry.pdfSha256Hex],
    ['csv', entry.csvStatement, entry.csvSha256Hex ?? null],
    ['entry', entry.entryStatement, text === null ? null : hash('sha256', text)],
  ];
}

/**
 * Whose key the statements of a row name: ours where one of them does. Without an identity every statement is of others.
 */
export function statementsSignedBy(
  identity: LogIdentity | null,
  accountId: string,
  entry: LedgerEntry,
): SignedBy {
  const found = statementsOf(accountId, entry).flatMap(([subject, note]) => {
    if (typeof note !== 'string') return [];
    const originOf = (text: string) => parseStatement(subject, text)?.origin ?? null;
    return [identity === null ? 'others' : noteSignedBy(identity, accountId, note, originOf)];
  });
  if (found.includes('ours')) return 'ours';
  return found.includes('others') ? 'others' : 'unknown';
}
