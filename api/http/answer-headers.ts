// The headers of answers that a caller may want to read, by name: what they say, and one as it is sent.

export type HeaderRow = Readonly<{ description: string; example: string; pattern?: string }>;

export const ANSWER_HEADERS = {
  'X-Request-Id': {
    description: 'The id of this request in the log of the service: the one sent in, where it has this form.',
    example: 'req_01KQGDBJ00Z4M8T6XJ3V5C9R2N',
    pattern: '^req_[0-9A-HJKMNP-TV-Z]{26}$',
  },
  'Retry-After': {
    description: 'Seconds after which to try again; missing where that cannot help.',
    example: '5',
    pattern: '^[0-9]+$',
  },
  'WWW-Authenticate': { description: 'The scheme to authenticate by (RFC 9110 §11.6.1).', example: 'Bearer' },
  'Content-Disposition': {
    description: 'The name to keep the file under.',
    example: 'attachment; filename="masker-session-sess_01KQGDBJ00Z4M8T6XJ3V5C9R2N.pdf"',
  },
  'Content-Range': {
    description: 'Which bytes the answer holds, of how many (RFC 9110 §14.4).',
    example: 'bytes 0-1023/48211',
  },
  'Accept-Ranges': { description: 'Ranges of bytes can be asked for.', example: 'bytes' },
  'Content-Digest': {
    description: 'SHA-256 of the bytes in this answer (RFC 9530 §2).',
    example: 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  },
  'Repr-Digest': {
    description: 'SHA-256 of the whole file (RFC 9530 §3).',
    example: 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  },
  ETag: { description: 'Names these bytes, for If-None-Match and If-Range.', example: '"d2ab1c8e09f4"' },
  Location: {
    description: 'Where to ask how far the report is.',
    example: '/api/v1/reports/rep_01KQGDBJ00Z4M8T6XJ3V5C9R2N',
  },
  'Preference-Applied': { description: 'The preference that was followed.', example: 'respond-async' },
  'Set-Cookie': {
    description: 'The cookie of the login: with a later end, as it is in use, or cleared.',
    example: 'masker_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    pattern: '^masker_session=[A-Za-z0-9_-]*; Path=/; Expires=[^;]+; HttpOnly; SameSite=Lax(; Secure)?$',
  },
  'RateLimit-Policy': {
    description:
      'How many requests the account may send at once, and the seconds in which as many may be sent again (draft-ietf-httpapi-ratelimit-headers). Only where RATE_LIMIT is set.',
    example: '"account";q=60;w=2',
    pattern: '^"account";q=[0-9.]+;w=[0-9]+$',
  },
  RateLimit: {
    description: 'How many requests are left of it, and the seconds until all may be sent again.',
    example: '"account";r=59;t=1',
    pattern: '^"account";r=[0-9.]+;t=[0-9]+$',
  },
} as const satisfies Record<string, HeaderRow>;

/** What any answer may have to a request with a login: how much it may ask for, and the cookie of a login in use. */
export const LOGIN_HEADERS = ['RateLimit-Policy', 'RateLimit', 'Set-Cookie'] as const;

/** A header that an answer may have. */
export type AnswerHeader = keyof typeof ANSWER_HEADERS;
