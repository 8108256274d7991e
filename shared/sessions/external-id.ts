// The id by which another system knows a session. Its row holds it behind the account's id, so that one index makes it
// unique within the account, and no look-up can leave the account.

/** The longest external id, in bytes of UTF-8. */
export const EXTERNAL_ID_LIMIT = 128;

/** What a row holds of an external id. */
export function externalKey(accountId: string, externalId: string): string {
  return `${accountId}/${externalId}`;
}

/** The external id that a row holds; null where it holds none of its own account. */
export function readExternalKey(accountId: string, key: unknown): string | null {
  if (typeof key !== 'string' || !key.startsWith(`${accountId}/`)) return null;
  return key.slice(accountId.length + 1);
}
