import { readFileSync } from 'node:fs';

/**
 * The most memory that this process had resident, in bytes. Not `resourceUsage().maxRSS`: on Linux a process starts
 * with that of the one that started it.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return readPeak('self');
}

/** The peak memory of another running process in bytes; null where the system does not tell. */
export function peakMemoryOf(pid: number): number | null {
  return process.platform === 'linux' ? readPeak(`${pid}`) : null;
}

function readPeak(pid: string): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status does not tell the peak memory`);
  return Number(kilobytes) * 1024;
}
