/** Where whoever reads that an account log does not hold looks next. */
export const LOG_REMEDY =
  'Look at /health and the log of the workers, which say whether the account log still holds';

/** Why no report states a log whose checkpoint is another deployment's. Safe to show. */
export const UNSIGNED = `The account log's checkpoint is not signed by SIGNING_KEY or one of RETIRED_KEYS under this LOG_ORIGIN. ${LOG_REMEDY}`;
