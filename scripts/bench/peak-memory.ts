import { readFileSync } from 'node:fs';

/**
 * The most memory that this process had resident, in bytes. Not `resourceUsage().maxRSS`: on Linux a process starts
 * with that of the one that started it.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('/proc/self/status does not tell the peak memory');
  return Number(kilobytes) * 1024;
}
