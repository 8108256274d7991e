// The evidence corpus, written where programs can read it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type WrittenCase, writeCorpus } from '../evidence-corpus/make-corpus.ts';

/** Paths in the cases' arguments are from the folder. */
export type CorpusFolder = Readonly<{ folder: string; cases: readonly WrittenCase[] }>;

export function corpusFolder(t: Pick<TestContext, 'after'>): CorpusFolder {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, cases: writeCorpus(folder) };
}
