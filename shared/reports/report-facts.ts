import type { VerifiedLog } from '../audit/verdict.ts';
import type { Session, SessionPayloads } from '../sessions/session.ts';
import type { EvidenceMissing, SessionEvidenceFacts } from './account-log.ts';

/** Who asked for a report: a user, or a token. */
export type Asker = Readonly<{ id: string; name: string }>;

/**
 * Everything that a session's report is made from: the same facts give the same bytes. Plain data, which can be cloned
 * to a thread. Only a verified log makes facts. Parameters that are not about the content (`format`) are left out, so
 * that the JSON inside a PDF is the JSON that would have been sent.
 */
export type ReportFacts = Readonly<{
  /** A new report id. */
  id: string;
  generatedAt: Date;
  account: Readonly<{ id: string; name: string }>;
  agent: Readonly<{ id: string; name: string }>;
  issuedTo: Asker;
  session: Session;
  /** The stored policy of the session's hash; `text` is the file, byte for byte. */
  policy: Readonly<{ name: string; version: number; text: string; sha256Hex: string }>;
  verdict: VerifiedLog;
  payloads: SessionPayloads | null;
  /** The content of the operator's BAA chain file, null where none is configured. */
  baaChainText: string | null;
  /** The session's entry in the account log, checked against the log and the row; null where there is none. */
  evidence: SessionEvidenceFacts | null;
  /** Why there is none; null where there is evidence. */
  evidenceMissing: EvidenceMissing | null;
}>;
