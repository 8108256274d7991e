// Ends a command quietly once nobody reads what it prints, such as `npm run verify -- --all | head`.

let isWatching = false;

/**
 * Exits with 1, as for anything that was stopped, where standard output or standard error is a pipe that was closed.
 * Each command can be stopped at any time and given again. Without this, `console.log` goes on for hours to no one, and
 * a write of one's own ends the process with a stack.
 */
export function endWithReader(): void {
  if (isWatching) return;
  isWatching = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') process.exit(1);
    });
  }
}
