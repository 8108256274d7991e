// `npm run build:wasm`: compiles the vector hasher. Run it after its AssemblyScript or its memory layout changes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { MEMORY_SIZE } from '../shared/merkle/sha256-lanes.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';

const USAGE = `usage: npm run build:wasm

Writes shared/merkle/sha256-lanes.wasm, which hashes four messages at once, from its AssemblyScript source in
shared/merkle/assembly. Run it after the source or the memory layout in shared/merkle/sha256-lanes.ts
changes; a test fails while the file is out of date.

exit: 0 written, 1 an error, 64 usage`;

const FOLDER = join(import.meta.dirname, '../shared/merkle');
export const WASM_FILE = join(FOLDER, 'sha256-lanes.wasm');

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run build:wasm takes no arguments.');
    return await buildWasm();
  });
}

async function buildWasm(): Promise<ExitCode> {
  await writeFile(WASM_FILE, await compileWasm());
  console.log('Wrote shared/merkle/sha256-lanes.wasm');
  return EXIT.done;
}

/** Compiles the module. Equal sources and compilers give the same bytes. Throws the compiler's errors and warnings. */
export async function compileWasm(): Promise<Uint8Array> {
  const outputs: Uint8Array[] = [];
  const messages = asc.createMemoryStream();
  const { error } = await asc.main(
    [
      ...['sha256-lanes.ts', '--baseDir', join(FOLDER, 'assembly'), '--outFile', 'sha256-lanes.wasm'],
      // The module allocates nothing, so the runtime without a collector leaves no code in it.
      ...['--enable', 'simd', '--runtime', 'stub', '-O3'],
      // Places the constant tables after the memory that the caller uses.
      ...['--memoryBase', String(MEMORY_SIZE)],
    ],
    {
      stdout: messages,
      stderr: messages,
      writeFile: (_name: string, contents: Uint8Array | string) => {
        outputs.push(contents as Uint8Array);
      },
    },
  );
  const said = messages.toString();
  if (error || said !== '') throw new Error(said);
  return outputs[0] as Uint8Array;
}
