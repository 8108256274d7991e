// What the document says of all routes.
import { REASON_TABLE, SENT_ERRORS } from '../error-table.ts';

// Lists: the column of a reference is too narrow for tables.
const ERRORS = Object.entries(SENT_ERRORS).map(
  ([code, { status, meaning, remedy }]) => `- \`${code}\` (${status}): ${meaning} ${remedy}`,
);
const REASONS = Object.entries(REASON_TABLE).map(
  ([reason, { meaning, remedy }]) => `- \`${reason}\`: ${meaning}. Try again: ${remedy}.`,
);

export const ABOUT = `Turns the audit logs of a PHI firewall into evidence: sessions, compliance reports, and proofs that an outsider checks.

Ids are a prefix and a ULID. Times are ISO 8601 in UTC. Every GET takes HEAD as well. A query name that a route does not take is 422, a method that a path does not take 405: \`Allow\` names those that it takes, as the answer to OPTIONS does. Answers may get new fields: pass over those that you do not know.

Sign in at the console for the cookie \`masker_session\`, or send \`Authorization: Bearer msk_…\`. Where a request has both, the token counts.

# Errors

Every error is \`{"error": {"code", "message", "request_id"}}\`, with \`param\` on 422 and some 409, and \`reason\` where no report was made. A browser that follows a link to a route gets a page instead.

${ERRORS.join('\n')}

# Reasons of report_generation_failed

${REASONS.join('\n')}`;
