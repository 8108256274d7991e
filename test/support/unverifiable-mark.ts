// The mark of an unverifiable log as a session's row has it.

/** The audit key was not configured. */
export const withoutKey = (keyId: string) => ({
  log_unverifiable: { reason: 'unknown_key' as const, key_id: keyId },
});

/** A field of the row is damaged. */
export const withDamage = (field: string) => ({
  log_unverifiable: { reason: 'damaged_row' as const, field },
});
