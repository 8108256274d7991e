/** Where whoever reads that an account log does not hold looks next. */
export const LOG_REMEDY =
  'Look at /health and the log of the workers, which say whether the account log still holds';

/** Why no report states a log whose checkpoint is another deployment's. Safe to show. */
export const UNSIGNED = `The account log's checkpoint is not signed by SIGNING_KEY or one of RETIRED_KEYS under this LOG_ORIGIN. ${LOG_REMEDY}`;

/** Why no report is made of an account whose log holds other entries than those that were signed; safe to show. */
export const NOT_AS_SIGNED = `The account log lacks entries that a signed checkpoint covers, has others in their place, or has some behind it that no holder of the signing key wrote. ${LOG_REMEDY}`;
