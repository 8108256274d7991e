// Printing gives way to whoever only wants a list. Nothing here is needed for printing: what a system refuses is left.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';

const NICENESS = 10;

/** `leader` leads a process group and a session of its own, in which all of Chromium's processes are. */
export async function giveWay(leader: number): Promise<void> {
  // Chromium's processes are forked from one of its first, so the whole group is asked. Without `renice` it stays.
  spawn('renice', ['-n', String(NICENESS), '-g', String(leader)], { stdio: 'ignore' }).on('error', () => {});
  // Linux may share the cores out by session before it looks at processes: among sessions, only this counts.
  await giveWayAsSession(leader).catch(() => {});
}

async function giveWayAsSession(leader: number): Promise<void> {
  const file = `/proc/${leader}/autogroup`;
  const [its, ours] = await Promise.all([groupOf(file), groupOf('/proc/self/autogroup')]);
  // In a session of ours, everything of ours would give way too.
  if (its === ours) return;
  await writeFile(file, String(NICENESS));
}

/** Of `/autogroup-93 nice 0`, the first. */
async function groupOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/ nice .*/s, '');
}
