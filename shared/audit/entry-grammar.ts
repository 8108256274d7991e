// Rules for an entry's text that the quick check and the full check share.

/** RegExp source of one digit of Crockford's base32 in capitals. A ULID has 26 of them. */
export const CROCKFORD_DIGIT = '[0-9A-HJKMNP-TV-Z]';

/** UTF-8 bytes of the longest `entity_kind`. */
export const ENTITY_KIND_LIMIT = 128;
