/** Sends a signal to every process of the group that process `leader` leads. Never throws. */
export function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has no process left that this user may signal.
  }
}
