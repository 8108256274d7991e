// Which PDF was issued under a report's id, by its row in the ledger. Whoever writes to the database can put the digest of
// any PDF there, so a digest counts only under a statement that a key of this deployment has signed.
import type { IssuedReport, StatedPdf } from '../../shared/reports/fleet-ledger.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { isStatementOf } from '../../shared/transparency/verify-statement.ts';

/** What the ledger says of the PDF that was issued under a report's id. */
export type IssuedPdf =
  /** Null where JSON alone was issued. */
  | Readonly<{ known: true; sha256Hex: string | null }>
  /** Says what would make it known. */
  | Readonly<{ known: false; remedy: string }>;

/** The PDF of a report by its row, null for none. Without an identity no statement can be checked. */
export function issuedPdfOf(row: IssuedReport | null, identity: LogIdentity | null): IssuedPdf {
  if (row === null) return { known: false, remedy: ELSEWHERE };
  const { pdfSha256Hex } = row;
  if (!hasPdf(row)) {
    return pdfSha256Hex === undefined ? { known: false, remedy: OLD } : { known: true, sha256Hex: null };
  }
  if (identity === null) return { known: false, remedy: NO_KEY };
  return checkPdfStatement(identity, row) === 'signed'
    ? { known: true, sha256Hex: pdfSha256Hex ?? null }
    : { known: false, remedy: UNPROVEN };
}

/**
 * Whether the digest of the PDF in a row is under a statement that this deployment signed. `none`: the row says of no PDF.
 * `unsigned`: there is no statement. `forged`: what stands in its place is none over this digest.
 */
export function checkPdfStatement(
  identity: LogIdentity,
  row: StatedPdf & Pick<IssuedReport, 'id' | 'accountId'>,
): 'none' | 'signed' | 'unsigned' | 'forged' {
  if (!hasPdf(row)) return 'none';
  const { id: reportId, accountId, pdfSha256Hex, pdfStatement } = row;
  if (pdfStatement === null) return 'unsigned';
  const stated = { subject: 'pdf', reportId, sha256Hex: pdfSha256Hex ?? '' } as const;
  return isStatementOf(identity, accountId, stated, pdfStatement) ? 'signed' : 'forged';
}

/** Any of its fields may have been taken off. */
function hasPdf({ pdfSha256Hex = null, pdfStatement, isPdf }: StatedPdf): boolean {
  return isPdf || pdfSha256Hex !== null || pdfStatement !== null;
}

const ELSEWHERE = 'Verify it with the database that issued it, whose ledger knows the PDF';
const OLD = 'It was issued before the ledger kept digests of PDFs: get a new report';
const NO_KEY =
  'The statement over the PDF in the ledger cannot be checked: set SIGNING_KEY and LOG_ORIGIN as the service has them';
const UNPROVEN =
  'The ledger has no SHA-256 of the PDF under a statement that this deployment signed, so nothing but the database says which PDF was issued: get a new report';
