// `npm run test:mutations`: takes each check out of each verifier that stands alone, and tells which of the copies answer
// every case of the corpus rightly. Exits 1 for those of verify.mjs alone: of the others, several checks are second ones.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { corpusFolder } from './corpus-folder.ts';
import { survivingMutants } from './run-mutants.ts';
import { survivingPageMutants } from './run-page-mutants.ts';

const VERIFIERS = join(import.meta.dirname, '../../../scripts/verifiers');
const releases: (() => unknown)[] = [];
const corpus = corpusFolder({ after: (release) => releases.push(release as () => unknown) });

function tell(program: string, run: number, survivors: number): void {
  console.log(
    `${run} copies of ${program}, each without one check: ${run - survivors} caught, ${survivors} not`,
  );
}

async function mutatePython(): Promise<void> {
  const list = join(corpus.folder, 'arguments.json');
  writeFileSync(list, JSON.stringify(corpus.cases.map(({ args }) => args)));
  const args = [join(import.meta.dirname, 'mutants.py'), join(VERIFIERS, 'verify.py'), list];
  const python = spawn(process.env.TEST_PYTHON_PATH ?? 'python3', args, {
    cwd: corpus.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    python.on('error', reject);
    python.on('close', resolve);
  });
  let [run, survivors] = [0, 0];
  for await (const line of createInterface({ input: python.stdout })) {
    const row = JSON.parse(line) as { line: number; text: string; caught: number | null };
    run += 1;
    if (row.caught !== null) continue;
    survivors += 1;
    console.log(`not caught: line ${row.line}: ${row.text}`);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`mutants.py ended with ${code}`);
  tell('verify.py', run, survivors);
}

try {
  const { run, survivors } = await survivingMutants(() => true, console.log);
  tell('verify.mjs', run, survivors.length);
  if (survivors.length > 0) process.exitCode = 1;
  const html = readFileSync(join(VERIFIERS, 'verify.html'), 'utf8');
  const ofPage = await survivingPageMutants(html, corpus, () => true, console.log);
  tell('verify.html', ofPage.run, ofPage.survivors.length);
  await mutatePython();
} finally {
  for (const release of releases) release();
}
