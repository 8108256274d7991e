// Stands in for the workers process: says what it was given and that it is ready, ends at the first signal or with its
// parent. STAND_IN=fails ends at once, STAND_IN=stubborn ignores signals.
import { onShutdownSignal } from '../../shared/process/release.ts';

if (process.env.STAND_IN === 'fails') process.exit(3);
const timer = setInterval(() => {}, 1_000);
if (process.env.STAND_IN === 'stubborn') process.on('SIGTERM', () => {});
else {
  onShutdownSignal((reason) => {
    clearInterval(timer);
    console.log(`stand-in: stopped (${reason})`);
  });
}
const { MONGODB_URI, REDIS_URL, DATA_DIR } = process.env;
console.log(`stand-in: ${JSON.stringify({ MONGODB_URI, REDIS_URL, DATA_DIR })}`);
process.send?.({ ready: true });
