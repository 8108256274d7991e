// `evidence` and `evidence_missing` of reports.
import { encodeBase64 } from '../transparency/exact-text.ts';
import type { EvidenceMissing, SessionEvidenceFacts, WindowEvidenceFacts } from './account-log.ts';
import type { Report, WideReport } from './report-schema.ts';

/** Of a report on a session. */
export function sessionEvidenceSection({
  evidence,
  evidenceMissing,
}: Readonly<{ evidence: SessionEvidenceFacts | null; evidenceMissing: EvidenceMissing | null }>): Pick<
  Report,
  'evidence' | 'evidence_missing'
> {
  return {
    evidence: evidence && {
      checkpoint: evidence.checkpoint,
      inclusion: evidence.inclusion.map(encodeBase64),
      log_index: evidence.logIndex,
      log_size: evidence.logSize,
      origin: evidence.origin,
      session_closed: evidence.sessionClosed,
      verifier_key: evidence.verifierKey,
    },
    evidence_missing: evidenceMissing,
  };
}

/** Of a report over many sessions. */
export function windowEvidenceSection(
  evidence: WindowEvidenceFacts | null,
): Pick<WideReport, 'evidence' | 'evidence_missing'> {
  if (evidence === null) return { evidence: null, evidence_missing: 'no log' };
  const { checkpoint, logSize: log_size, origin, verifierKey: verifier_key } = evidence;
  return { evidence: { checkpoint, log_size, origin, verifier_key }, evidence_missing: null };
}
