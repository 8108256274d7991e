// Every operator's command shares its exit codes, its arguments and usage, and the message of an error.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import { describeAsFileFailure } from './caller-file.ts';
import { endWithReader } from './end-with-reader.ts';
import { terminalLines, terminalText } from './terminal-text.ts';

export const EXIT = { done: 0, error: 1, foundFailed: 2, usage: 64 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The arguments are not usable. The message says why, and repeats an argument only by `terminalText`. */
export class UsageError extends Error {}

export type Arguments<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>;

/**
 * Parses the arguments and runs a command. Resolves to the exit code. `--help` prints the usage and gives 0. Arguments
 * that are not usable print the reason and the usage to stderr and give 64. Any other error prints its message to stderr
 * and gives 1. A reader that closes its pipe ends the command, unless it `servesOn`.
 */
export async function runCommand<O extends ParseArgsOptionsConfig>(
  usage: string,
  options: O,
  run: (args: Arguments<O>) => Promise<ExitCode>,
  { servesOn = false }: Readonly<{ servesOn?: boolean }> = {},
): Promise<ExitCode> {
  if (!servesOn) endWithReader();
  try {
    const args = parseArguments(options);
    if ((args.values as { help?: boolean }).help) {
      console.log(usage);
      return EXIT.done;
    }
    return await run(args);
  } catch (thrown) {
    const error = firstError(thrown);
    if (error instanceof UsageError) {
      console.error(`${terminalLines(error.message)}\n\n${usage}`);
      return EXIT.usage;
    }
    console.error(terminalLines(describe(error)));
    return EXIT.error;
  }
}

function parseArguments<O extends ParseArgsOptionsConfig>(options: O): Arguments<O> {
  try {
    return parseArgs({
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    }) as unknown as Arguments<O>;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    // This error alone repeats an argument. The others have line ends of their own.
    throw new UsageError(code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? terminalText(message) : message);
  }
}

/** The error before a failed release: a `SuppressedError` holds both, and the earlier one is the cause. */
function firstError(error: unknown): unknown {
  return error instanceof SuppressedError ? firstError(error.suppressed) : error;
}

function describe(error: unknown): string {
  const away = asStoreFailure(error);
  if (away) return `${away.message} Is it running? (npm start, or check MONGODB_URI)`;
  return describeAsFileFailure(error) ?? (error instanceof Error ? error.message : String(error));
}
