// Which test files run together in one process: to load the program takes a process longer than most files take to run.
import { dirname } from 'node:path/posix';

/** Files of a process. With more, one that is slow holds up the end of the run. */
const SHARED_BY = 6;

/** A hook of the whole process that runs beside each test would run for the other files' tests as well. */
const HAS_HOOK = /^(?!import ).*\b(?:beforeEach|afterEach)\b/m;
/** What a file sets of its process stays for the files after it, and what was loaded before is not loaded again. */
const SETS_PROCESS =
  /\bregisterHooks\(|\bprocess\.(?:env(?:\.\w+|\[\w+\])?|argv|exitCode|umask) = |\bprocess\.chdir\(/;

/**
 * The files in groups, each for one process: files of a folder in their order, and each that needs a process of its own
 * alone. `files` are paths from the project's root, with `/`, and `readFile` reads one; null for a missing file.
 */
export function shareProcesses(
  files: readonly string[],
  needOwn: ReadonlySet<string>,
  readFile: (file: string) => string | null,
): string[][] {
  const mayShare = (file: string): boolean => {
    const text = readFile(file) ?? '';
    return !(needOwn.has(file) || HAS_HOOK.test(text) || SETS_PROCESS.test(text));
  };
  const groups: string[][] = [];
  const open = new Map<string, string[]>();
  for (const file of files) {
    const group = open.get(dirname(file));
    if (!mayShare(file)) {
      groups.push([file]);
    } else if (group && group.length < SHARED_BY) {
      group.push(file);
    } else {
      const begun = [file];
      open.set(dirname(file), begun);
      groups.push(begun);
    }
  }
  return groups;
}
