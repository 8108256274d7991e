// `npm run check`: format and lint, then types. The second runs even if the first fails.
import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT, runCommand } from './command/command.ts';

const USAGE = `usage: npm run check [-- --fix]

Checks format and lint (biome), then types (tsc).

  --fix    fixes what can be fixed without changing what the code does

exit: 0 no problem found, 1 problems found or another error, 64 usage`;

const OPTIONS = { fix: { type: 'boolean' } } as const;

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values }) => {
    const lint = await run('biome', [
      'check',
      '--error-on-warnings',
      ...(values.fix ? ['--write'] : []),
      '.',
    ]);
    const types = await run('tsc', ['--project', '.']);
    if (!lint || !types) return EXIT.error;
    console.log('Format, lint and types: no problem found.');
    return EXIT.done;
  });
}

async function run(tool: string, args: string[]): Promise<boolean> {
  const options = { cwd: ROOT, stdio: 'inherit', reject: false } as const;
  const { failed } = await execa(process.execPath, [join(BIN, tool), ...args], options);
  return !failed;
}
