// Repetitions of tests that look for rare faults: few of them in `npm test`, and many in `npm run test:faults`.

/** Whether this is a run of `npm run test:faults`, which sets the variable. */
const IS_LONG_RUN = process.env.FAULT_ROUNDS !== undefined;

/** How often a test repeats what it does, or to what it does it. */
export function rounds<T>(usually: T, inLongRuns: T): T {
  return IS_LONG_RUN ? inLongRuns : usually;
}

/** Options of a test that takes a minute. */
export const IN_LONG_RUNS = { skip: IS_LONG_RUN ? false : 'it is long: npm run test:faults runs it' };
