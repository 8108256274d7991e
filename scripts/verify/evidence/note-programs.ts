// What to say of the verifiers inside a pack: whoever changes a pack can change them, too, and no axis is about them. Another
// version's are as genuine, and this one cannot know them: so they are noted, and nothing fails.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readZip } from './read-zip.ts';

const FOLDER = join(import.meta.dirname, '../../verifiers');
const PROGRAMS = ['verify.html', 'verify.mjs', 'verify.py'] as const;
/** A zip begins with a file's header. */
const ZIP_MARK = 0x04034b50;

/** A line for each program of a pack that is not this version's; none for a file that is no pack. */
export async function noteForeignPrograms(file: Buffer): Promise<string[]> {
  if (file.length < 4 || file.readUInt32LE(0) !== ZIP_MARK) return [];
  let files: ReadonlyMap<string, Buffer>;
  try {
    files = readZip(file, PROGRAMS);
  } catch {
    // The axis bytes says what is wrong.
    return [];
  }
  const notes = await Promise.all(
    PROGRAMS.map(async (name) => {
      const inside = files.get(name);
      if (!inside || inside.equals(await readFile(join(FOLDER, name)))) return [];
      return [`the pack's ${name} is not this version's; use your own copy`];
    }),
  );
  return notes.flat();
}
