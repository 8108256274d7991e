// Lowers Chromium's priority, so that a list need not wait for a print. Where a system refuses that, printing works all
// the same.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';

const NICENESS = 10;
/** The keys in our environment are not for the program that is run. */
const PATH_ALONE = { PATH: '/usr/local/bin:/usr/bin:/bin' };

/** Lowers the priority of a process group and session, by the process that leads both. */
export async function giveWay(leader: number): Promise<void> {
  // Takes the whole group: Chromium forks its processes from one of its first. Does nothing where there is no `renice`.
  spawn('renice', ['-n', String(NICENESS), '-g', String(leader)], { env: PATH_ALONE, stdio: 'ignore' }).on(
    'error',
    () => {},
  );
  // Linux may share the cores among sessions first, and among processes second. Among sessions, only this file counts.
  await giveWayAsSession(leader).catch(() => {});
}

async function giveWayAsSession(leader: number): Promise<void> {
  const file = `/proc/${leader}/autogroup`;
  const [its, ours] = await Promise.all([groupOf(file), groupOf('/proc/self/autogroup')]);
  // Leaves a session that this process is in: all of our own processes would get the lower priority too.
  if (its === ours) return;
  await writeFile(file, String(NICENESS));
}

/** The session's name: the first word of `/autogroup-93 nice 0`. */
async function groupOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/ nice .*/s, '');
}
