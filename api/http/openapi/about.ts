// What the document says of all routes.
import { ERRORS_MARKDOWN, REASONS_MARKDOWN } from './error-tables.ts';

export const ABOUT = `Turns the audit logs of a PHI firewall into evidence: sessions, compliance reports, and proofs that an outsider checks.

Ids are a prefix and a ULID. Times are ISO 8601 in UTC. Every GET takes HEAD as well. A query name that a route does not take is 422. Answers may get new fields: pass over those that you do not know.

Sign in at the console for the cookie \`masker_session\`, or send \`Authorization: Bearer msk_…\`. Where a request has both, the token counts.

# Errors

Every error is \`{"error": {"code", "message", "request_id"}}\`, with \`param\` on 422 and \`reason\` where no report was made. A browser that follows a link to a route gets a page instead.

${ERRORS_MARKDOWN}

# Reasons of report_generation_failed

${REASONS_MARKDOWN}`;
