// Runs the corpus through copies of verify.py with one check taken out of each, by `mutants.py`.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CorpusFolder } from './corpus-folder.ts';
import type { Survivor } from './run-mutants.ts';

/** The mutants that answer every case as the whole program does. */
export async function survivingPythonMutants(
  program: string,
  corpus: CorpusFolder,
): Promise<Readonly<{ run: number; survivors: Survivor[] }>> {
  const list = join(corpus.folder, 'arguments.json');
  writeFileSync(list, JSON.stringify(corpus.cases.map(({ args }) => args)));
  const args = [join(import.meta.dirname, 'mutants.py'), program, list];
  const python = spawn(process.env.TEST_PYTHON_PATH ?? 'python3', args, {
    cwd: corpus.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    python.on('error', reject);
    python.on('close', resolve);
  });
  const survivors: Survivor[] = [];
  let run = 0;
  for await (const line of createInterface({ input: python.stdout })) {
    const row = JSON.parse(line) as {
      line: number;
      what: string;
      text: string;
      decided: number;
      caught: number | null;
    };
    run += 1;
    if (row.caught !== null) continue;
    survivors.push({ name: `line ${row.line}: ${row.what} ${row.text}`, cases: row.decided });
  }
  const code = await ended;
  if (code !== 0) throw new Error(`mutants.py ended with ${code}`);
  return { run, survivors };
}
