/** For a file of which nothing but a verifier key tells anything. */
export const NEEDS_KEY =
  "Packs, statements and proofs prove themselves under the verifier key of the account's log: name it, too: --key.";
