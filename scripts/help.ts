// `npm run help`: every command with a line. The list is README's table of commands, which says more on each.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, runCommand } from './command/command.ts';

const USAGE = `usage: npm run help

Lists every command with a line. README.md says more on each, and each answers -- --help.

exit: 0 done, 1 error, 64 usage`;

const README = join(import.meta.dirname, '../README.md');

export type CommandLine = Readonly<{
  /** As it is typed, with what it needs, such as `npm run import -- DIR`. */
  usage: string;
  /** What it does, in one line. */
  line: string;
}>;

/** The commands in the table under README's heading "Commands". */
export function readCommands(readme: string): readonly CommandLine[] {
  const [, section = ''] = /^## Commands\n(.*?)^## /ms.exec(readme) ?? [];
  const rows = section.matchAll(/^\| (`npm .*?) \| (.*) \|$/gm);
  return [...rows].map(([, usage = '', text = '']) => ({
    usage: plain(usage),
    line: firstPart(plain(text)),
  }));
}

/** Text without the marks of Markdown. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

/** What stands before the options and the details. */
function firstPart(text: string): string {
  return text.replace(/[;:] .*/s, '');
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, {}, async () => {
    const commands = readCommands(await readFile(README, 'utf8'));
    const width = Math.max(...commands.map(({ usage }) => usage.length));
    for (const { usage, line } of commands) console.log(`${usage.padEnd(width)}  ${line}`);
    return EXIT.done;
  });
}
