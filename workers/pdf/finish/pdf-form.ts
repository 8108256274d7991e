// How a finished PDF is written. A reader insists on the same.
import { CROCKFORD_DIGIT } from '../../../shared/audit/entry-grammar.ts';

/**
 * Plain objects and one plain cross-reference table: six times the size of compressed objects, but a file in this
 * form, read and written again, comes out as the same bytes, so nothing can hide between its objects.
 */
export const WRITING = {
  useObjectStreams: false,
  addDefaultPage: false,
  updateFieldAppearances: false,
  objectsPerTick: Number.POSITIVE_INFINITY,
} as const;

/** Bytes. The longest report on a session stays below a tenth of it. */
export const PDF_LIMIT = 64 * 1024 * 1024;

/** Bytes of one attached file. The JSON and the account log's lines of 50,000 sessions have half as many each. */
export const ATTACHMENT_LIMIT = 64 * 1024 * 1024;

export const CREATOR_PREFIX = 'Chromium ';
const ULID = `${CROCKFORD_DIGIT}{26}`;
/** The names that `fileStem` gives to JSON. */
export const ATTACHMENT_NAME = new RegExp(
  `^masker-(?:session-sess_${ULID}|(?:agent-agt|account-acc)_${ULID}-[0-9][0-9Qto-]{3,25})\\.json$`,
);
