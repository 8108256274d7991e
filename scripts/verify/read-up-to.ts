import type { FileHandle } from 'node:fs/promises';

/**
 * The bytes of a file; null where it has more than `limit`. A pipe states no size: it is read until it ends, or has more. Bytes of a
 * file are in memory that threads share: a copy for one would take as much again. Rejects with the system's error.
 */
export async function readUpTo(file: FileHandle, limit: number): Promise<Buffer | null> {
  const stats = await file.stat();
  if (!stats.isFile()) return await readPipe(file, limit);
  if (stats.size > limit) return null;
  const bytes = Buffer.from(new SharedArrayBuffer(stats.size));
  const { bytesRead } = await file.read(bytes, 0, stats.size, 0);
  return bytes.subarray(0, bytesRead);
}

async function readPipe(file: FileHandle, limit: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of file.createReadStream({ autoClose: false })) {
    size += part.length;
    if (size > limit) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
