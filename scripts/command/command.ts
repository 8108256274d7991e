// What every operator's command shares: its exit codes, its usage, and how it ends.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';

export const EXIT = { done: 0, error: 1, foundFailed: 2, usage: 64 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The arguments cannot be used; the message says why. */
export class UsageError extends Error {}

export type Arguments<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>;

/**
 * Parses arguments and runs a command. `--help` prints the usage; arguments that cannot be used print it too and exit
 * 64; an error prints its message and exits 1.
 */
export async function runCommand<O extends ParseArgsOptionsConfig>(
  usage: string,
  options: O,
  run: (args: Arguments<O>) => Promise<ExitCode>,
): Promise<ExitCode> {
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
      console.error(`${error.message}\n\n${usage}`);
      return EXIT.usage;
    }
    console.error(describe(error));
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
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Where `await using` failed to release something after an error, that error is the one to tell. */
function firstError(error: unknown): unknown {
  return error instanceof SuppressedError ? firstError(error.suppressed) : error;
}

function describe(error: unknown): string {
  const away = asStoreFailure(error);
  if (away) return `${away.message} Is it running? (npm start, or check MONGODB_URI)`;
  return error instanceof Error ? error.message : String(error);
}
