// Loaded before every test file. A process whose tests have ended and that something keeps alive would keep the whole run
// waiting, without a word: a test that fails often leaves open what it opened. Such a process fails, and says what is open.
import { after } from 'node:test';

/** A test of this file itself waits for less. */
const ENDS_WITHIN_MS = Number(process.env.TEST_ENDS_WITHIN_MS ?? 60_000);

after(() => {
  // Alone it keeps no process alive.
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    console.error(`The tests of this process have ended, and it has not, for it holds: ${open}`);
    process.exit(1);
  }, ENDS_WITHIN_MS).unref();
});
