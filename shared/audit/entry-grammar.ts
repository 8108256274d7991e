// Rules for an entry's text that the quick check and the full check share.

/** One digit of Crockford's base32 in capitals, of which a ULID has 26, as the source of a RegExp. */
export const CROCKFORD_DIGIT = '[0-9A-HJKMNP-TV-Z]';

/** Bytes of the longest `entity_kind`. */
export const ENTITY_KIND_LIMIT = 128;
