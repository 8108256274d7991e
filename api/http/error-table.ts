// Every error of the API, once: its status, the text that is sent, what it means and what helps. The answers are made from
// it, and so are the OpenAPI document and the tables in README (`npm run openapi`).
import type { ErrorCode, ReportFailureReason } from '../../shared/errors/app-error.ts';

export type ErrorRow = Readonly<{
  status: number;
  /** Text for callers; null sends the error's own message. */
  message: string | null;
  /** What went wrong, one sentence. */
  meaning: string;
  /** What the caller or the operator can do, one sentence or two. */
  remedy: string;
}>;

export const ERROR_TABLE = {
  unauthenticated: {
    status: 401,
    message: 'A valid login is required: sign in again, or send Authorization: Bearer with a valid token.',
    meaning: 'The cookie or the bearer token is missing, malformed, unknown, expired or revoked.',
    remedy: 'Sign in again, or make a new token.',
  },
  forbidden: {
    status: 403,
    message: null,
    meaning:
      'The login or token lacks the permission of the route, or a page of another host or site sends the request.',
    remedy:
      'Use a login or token that has the permission. With a cookie, send a change with the header Origin of this host.',
  },
  validation_failed: {
    status: 422,
    message: null,
    meaning: 'A parameter, or a field of the body, is not as the route takes it; param names it.',
    remedy: 'Change it as the message says.',
  },
  not_found: {
    status: 404,
    message: 'No resource has this address.',
    meaning: 'No route has this path, or nothing is at this place of it.',
    remedy: 'Compare the path with the list of routes.',
  },
  session_not_found: {
    status: 404,
    message: 'No session with this ID exists in your account.',
    meaning: 'The account has no session with this id: it is malformed, unknown, or of another account.',
    remedy: 'Take the id from the list of sessions, and the login or token of its account.',
  },
  agent_not_found: {
    status: 404,
    message: 'No agent with this ID exists in your account.',
    meaning: 'The account has no agent with this id: it is malformed, unknown, or of another account.',
    remedy: 'Take the id from the list of agents, and the login or token of its account.',
  },
  report_not_found: {
    status: 404,
    message: null,
    meaning:
      'The account has no report with this id, or the report has no file or is not issued yet: the message says which.',
    remedy: 'Take the id from the ledger of reports, and the login or token of its account.',
  },
  not_logged_yet: {
    status: 404,
    message:
      'It exists, and no signed checkpoint of the account log covers it yet: an open session has no proof, and the log follows within a minute. Try again after Retry-After.',
    meaning: 'The thing exists, and no signed checkpoint of the account log covers it yet.',
    remedy: 'Try again after Retry-After. An open session has a proof only after its end.',
  },
  report_not_ready: {
    status: 409,
    message: null,
    meaning: 'The report in the background waits, is made, or failed.',
    remedy: 'Read its status, and fetch the content once it is ready.',
  },
  report_expired: {
    status: 410,
    message: 'The bytes of this report are removed. Order it again with Prefer: respond-async.',
    meaning: 'The bytes of the report are removed: their time is up, or they were deleted.',
    remedy: 'Order it again with Prefer: respond-async.',
  },
  token_not_found: {
    status: 404,
    message: 'No token with this ID exists in your account.',
    meaning: 'The account has no token with this id.',
    remedy: 'Take the id from the list of tokens.',
  },
  webhook_not_found: {
    status: 404,
    message: 'No webhook with this ID exists in your account, or it had no such message in the last 30 days.',
    meaning:
      'The account has no webhook with this id, or the webhook had no such message in the last 30 days.',
    remedy: 'Take the id from the list of webhooks, or from the list of its messages.',
  },
  id_taken: {
    status: 409,
    message: 'This ID is in use and not for you to write: make a new ULID.',
    meaning: 'The id is in use elsewhere.',
    remedy: 'Make a new ULID.',
  },
  policy_conflict: {
    status: 409,
    message: null,
    meaning: 'Another text is stored under this name and version.',
    remedy: 'Store the new text under a new version: a version never changes.',
  },
  session_conflict: {
    status: 409,
    message: null,
    meaning: 'The session is open with other values, which param names, or another one has its external_id.',
    remedy: 'Send what was sent at first, or take a new id.',
  },
  event_conflict: {
    status: 409,
    message: null,
    meaning: 'An event with this id is in the log with another content.',
    remedy: 'Send the event as it was sent at first, or under a new id.',
  },
  session_closed: {
    status: 409,
    message: null,
    meaning:
      'The session has ended, and its log takes nothing more; with param, it ended with another value.',
    remedy: 'Open a new session.',
  },
  log_failed: {
    status: 409,
    message: null,
    meaning:
      'The log of the session failed its verification, or its row is damaged, so nothing is added to it.',
    remedy: 'Open a new session, and have the operator run npm run verify on this one.',
  },
  body_too_large: {
    status: 413,
    message: null,
    meaning: 'The body has more bytes than the route takes.',
    remedy: 'Send less at once.',
  },
  unsupported_media_type: {
    status: 415,
    message: null,
    meaning: 'The body is of another media type than the route takes, not in UTF-8, or compressed.',
    remedy: 'Send the media type that the message names, in UTF-8, without Content-Encoding.',
  },
  range_not_satisfiable: {
    status: 416,
    message: 'The report has no such bytes: Content-Range says how many it has.',
    meaning: 'The bytes that Range asks for do not exist.',
    remedy: 'Ask for bytes below the length in Content-Range.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This address does not take this method: see the header Allow.',
    meaning: 'The path exists, and does not take this method.',
    remedy: 'Use a method that the header Allow names.',
  },
  rate_limited: {
    status: 429,
    message:
      'Your account sends too many requests, or too many messages by hand. Try again after Retry-After.',
    meaning:
      'The account sends more requests than RATE_LIMIT allows, or has its webhooks sent more messages by hand than one in ten seconds.',
    remedy: 'Try again after Retry-After.',
  },
  overloaded: {
    status: 503,
    message: 'The service is busy. Try again after Retry-After.',
    meaning: 'As much work waits as the service takes, or as one account may have waiting.',
    remedy: 'Try again after Retry-After.',
  },
  unavailable: {
    status: 503,
    message: null,
    meaning:
      'A part that the request needs is away or not configured: the database, Redis, the PDF renderer, a key.',
    remedy: 'Try again later. /health names the part, for the operator.',
  },
  report_generation_failed: {
    status: 500,
    message: null,
    meaning: 'No report or proof was made; reason says why.',
    remedy: 'See the reason. Where the answer has Retry-After, try again.',
  },
  internal_error: {
    status: 500,
    message: 'The service failed. State the request_id when you report it.',
    meaning: 'The service failed in a way that nobody foresaw.',
    remedy: 'State the request_id when you report it: the log of the service has the cause under it.',
  },
} as const satisfies Record<ErrorCode, ErrorRow>;

/** Answers to input that is not a valid HTTP request, before any route is known. */
export const CONNECTION_ERRORS = {
  bad_request: {
    status: 400,
    message: 'The request is not valid HTTP.',
    meaning: 'The request is not valid HTTP, or does not name its host once.',
    remedy: 'Send it with an HTTP client.',
  },
  request_timeout: {
    status: 408,
    message: 'The request did not arrive in time.',
    meaning: 'The request did not arrive in time.',
    remedy: 'Send it again, without pauses.',
  },
  headers_too_large: {
    status: 431,
    message: 'The request line and headers are too long.',
    meaning: 'The request line and the headers are longer than 16 KiB together.',
    remedy: 'Send fewer or shorter headers.',
  },
} as const satisfies Record<string, ErrorRow>;

/** A code that an answer may have. */
export type SentCode = keyof typeof ERROR_TABLE | keyof typeof CONNECTION_ERRORS;

/** All codes, in the order in which the tables are to show them. */
export const SENT_ERRORS: Readonly<Record<SentCode, ErrorRow>> = { ...ERROR_TABLE, ...CONNECTION_ERRORS };

/** Why no report was made: `reason` of `report_generation_failed`. */
export const REASON_TABLE = {
  log_failed: {
    meaning: 'the log failed: the message names the fault and the `seq`',
    remedy: 'no: have the operator run `npm run verify`',
  },
  key_missing: {
    meaning: "the log's key is not configured, or is another key of that name: the message names the key",
    remedy: 'no: the operator has to configure the key',
  },
  key_out_of_scope: {
    meaning: "the log's key may not sign for this account or this time",
    remedy: "no: the operator has to correct the key's scope, or the log is forged",
  },
  policy_missing: {
    meaning: 'the policy in force is not stored as the session records it, or cannot be read',
    remedy: 'no: the operator has to store the policy again',
  },
  account_log: {
    meaning: 'the account log does not hold, or recorded the session otherwise than it is stored now',
    remedy: 'no: have the operator run `npm run verify -- --all`',
  },
  leak_scan: {
    meaning:
      'the report may hold PHI: the message names field and shape; or the stored payloads cannot be read',
    remedy: 'no: have the operator look at the field that the message names',
  },
  stored_bytes: {
    meaning:
      'the stored bytes of a report from the background are not those that its signed row in the ledger states, its job states what nobody signed, or the ledger or the account log has another report of its id',
    remedy: 'no: order the report again, and have the operator run `npm run verify -- --all`',
  },
  stored_order: {
    meaning:
      'the stored order for a report in the background is not one that a key of this deployment signed, its period is not its window, or its report was issued already: somebody changed its row or put it back, or an earlier version took it',
    remedy:
      'no: order the report again, and, unless the service was upgraded since, have the operator run `npm run verify -- --all`',
  },
  deadline: {
    meaning: 'the report took longer than `REPORT_TIMEOUT_MS`',
    remedy: 'yes, over a shorter window or with `Prefer: respond-async`',
  },
  overloaded_renderer: {
    meaning:
      'the PDF waited for its turn to be printed until the deadline, or for longer than it then had left to be printed',
    remedy: 'yes, after `Retry-After`',
  },
  renderer: {
    meaning: 'Chromium or a report thread broke off, or Chromium left out a part of the text',
    remedy: 'yes, after `Retry-After`',
  },
} as const satisfies Record<ReportFailureReason, Readonly<{ meaning: string; remedy: string }>>;
