/** Sends a signal to every process of the group that process `leader` leads. An empty group is no error. */
export function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody is left in it.
  }
}
