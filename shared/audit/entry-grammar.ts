// What both checks of an entry, the quick one and the full one, hold its text to.

/** One digit of Crockford's base32 in capitals, of which a ULID has 26, as the source of a RegExp. */
export const CROCKFORD_DIGIT = '[0-9A-HJKMNP-TV-Z]';

/** Bytes of the longest `entity_kind`. */
export const ENTITY_KIND_LIMIT = 128;
