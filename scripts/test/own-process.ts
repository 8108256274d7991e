// Tells the test files that need a process of their own from those that may share one, by their text.
import { dirname, join } from 'node:path/posix';
import { readImports } from './read-imports.ts';

/** Marks of state that all files of a process share, or of a measurement of the process. */
const MARKS: readonly RegExp[] = [
  // Outside a suite, a hook belongs to the tests of every file.
  /^(?:before|after|beforeEach|afterEach)\(/m,
  // A mock of the test's context ends with the test, this one does not.
  /(?<![\w.])mock\./,
  // Files are loaded while the tests of earlier ones run, and some read the environment to skip a test.
  /\bprocess\.(?:env|argv) =(?!=)|\bconsole\.\w+ =(?!=)/,
  /\bdelete process\.env\b|\bprocess\.env(?:\.\w+|\[[^\]]+\])\s*(?:\?\?)?=(?!=)/,
  /\bprocess\.(?:on|once|chdir|exit)\(|\bprocess\.exitCode\b/,
  /\b(?:registerHooks|setFlagsFromString|setDefaultResultOrder)\(/,
  /\bprocess\.(?:memoryUsage|resourceUsage|cpuUsage)\b/,
  /\bglobalThis\.\w+ =(?!=)|\.prototype\.\w+ =(?!=)/,
];

/**
 * Whether the file, or a file of test/ that it imports, has a mark of state that other files would meet. `file` and the
 * argument of `readFile` are paths from the project's root, with `/`. `readFile` gives null for a missing file.
 */
export function needsOwnProcess(file: string, readFile: (file: string) => string | null): boolean {
  const seen = new Set<string>();
  const isMarked = (each: string): boolean => {
    if (seen.has(each)) return false;
    seen.add(each);
    const text = readFile(each) ?? '';
    return MARKS.some((mark) => mark.test(text)) || importsOfTests(each, text).some(isMarked);
  };
  return isMarked(file);
}

function importsOfTests(file: string, text: string): string[] {
  return readImports(text)
    .filter(({ specifier, isType }) => !isType && specifier.startsWith('.'))
    .map(({ specifier }) => join(dirname(file), specifier))
    .filter((each) => each.startsWith('test/'));
}
