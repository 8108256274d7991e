// Times OpenSSL's SHA-256 at the size of an entry, without the cost of a caller.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Measurement, spreadOf } from './measurement.ts';

/** No measurement without an openssl on the PATH. */
export async function measureOpenssl(
  bytes: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const args = ['speed', '-seconds', '1', '-bytes', String(bytes), '-evp', 'sha256'];
  try {
    const { stdout } = await promisify(execFile)('openssl', args, { signal });
    const result = spreadOf([readSpeed(stdout) / bytes]);
    const label = `openssl speed, hashes of ${bytes} bytes`;
    return [{ id: 'hash.openssl', label, unit: 'entries/s', result, target: null }];
  } catch (error) {
    signal.throwIfAborted();
    say(`OpenSSL's own speed: not measured, ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

/** Bytes a second, from the table that `openssl speed` ends with. */
export function readSpeed(stdout: string): number {
  const thousands = /^sha256\s+([\d.]+)k\s*$/im.exec(stdout)?.[1];
  if (thousands === undefined) throw new Error('openssl speed printed no figure');
  return Number(thousands) * 1000;
}
