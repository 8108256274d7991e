// The files that a report's PDF carries beside its JSON, by name. They let one PDF prove itself: the statement is over
// the JSON, the entries give its root, the lines of the account log are under its checkpoint.
import type { ReportScope } from './subject.ts';

/** How a file is attached to a PDF. `relationship` is its AFRelationship (PDF 2.0, 7.11.3). */
export type AttachmentForm = Readonly<{
  mediaType: string;
  relationship: 'Data' | 'Source' | 'Supplement';
  description: string;
}>;

type NamedForm = AttachmentForm & Readonly<{ scopes: readonly ReportScope[] }>;

const LINES = 'application/x-ndjson';
const JSON_TYPE = 'application/json';
const WIDE = ['agent', 'account'] as const;

/** How the report's JSON is attached. */
export const JSON_FORM: AttachmentForm = {
  mediaType: JSON_TYPE,
  relationship: 'Data',
  description: 'The report as JSON, Masker Audit Schema v1',
};

/** Every attachment beside the JSON, by name, and the scopes of the reports that may carry it. */
export const ATTACHMENTS = {
  'report.note': {
    mediaType: 'text/plain',
    relationship: 'Supplement',
    description: 'The signed statement over the JSON, a signed note (C2SP)',
    scopes: ['session', ...WIDE],
  },
  'entries.ndjson': {
    mediaType: LINES,
    relationship: 'Source',
    description: "The entries of the session's audit log, a line each",
    scopes: ['session'],
  },
  'session_closed.ndjson': {
    mediaType: LINES,
    relationship: 'Source',
    description: "The account log's entries about these sessions, a line each",
    scopes: WIDE,
  },
  'session_closed.multiproof.json': {
    mediaType: JSON_TYPE,
    relationship: 'Supplement',
    description: "The proof that these entries are under the account log's checkpoint",
    scopes: WIDE,
  },
} as const satisfies Readonly<Record<string, NamedForm>>;

/** The name of an attachment beside the JSON. */
export type AttachmentName = keyof typeof ATTACHMENTS;

/** A file that is attached beside the JSON. */
export type Attachment = Readonly<{ name: AttachmentName; bytes: Uint8Array }>;

/** The form of an attachment beside the JSON; null for a name that none has. */
export function attachmentForm(name: string): NamedForm | null {
  return Object.hasOwn(ATTACHMENTS, name) ? ATTACHMENTS[name as AttachmentName] : null;
}
