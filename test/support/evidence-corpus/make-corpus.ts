// Makes the corpus: `node test/support/evidence-corpus/make-corpus.ts FOLDER` writes a folder of files and `cases.json`, to
// which every verifier is held. The same program makes the same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Argument, AXES, type CorpusCase } from './case.ts';
import { alikeCases } from './cases-alike.ts';
import { costCases } from './cases-costs.ts';
import { entryCases } from './cases-entries.ts';
import { jsonCases } from './cases-json.ts';
import { lineCases } from './cases-lines.ts';
import { logCases } from './cases-log.ts';
import { optionCases } from './cases-options.ts';
import { overlookedCases } from './cases-overlooked.ts';
import { packCases } from './cases-pack.ts';
import { pairTimeCases } from './cases-pair-times.ts';
import { pairCases } from './cases-pairs.ts';
import { pdfCases } from './cases-pdf.ts';
import { pdfPartCases } from './cases-pdf-parts.ts';
import { proofCases } from './cases-proofs.ts';
import { recognizedCases } from './cases-recognized.ts';
import { singleCheckCases } from './cases-single-checks.ts';
import { spellingCases } from './cases-spellings.ts';
import { statementCases } from './cases-statement.ts';
import { structureCases } from './cases-structures.ts';
import { usageCases } from './cases-usage.ts';
import { wideCases } from './cases-wide.ts';

const VERDICTS: Readonly<Record<string, string>> = { v: 'verified', x: 'failed', '-': 'not checked' };

/** A case as `cases.json` has it. Paths in `args` are from the corpus's folder, and begin with `files/`. */
export type WrittenCase = Readonly<{
  name: string;
  args: readonly string[];
  /** Axes in their order, of each report. Empty where nothing is checked. */
  reports: readonly Readonly<Record<string, string>>[];
  /** Of two reports. */
  relation?: string;
  exit: number;
  /** Regular expressions without case, by axes: the axis gives a reason that each matches. */
  says?: Readonly<Record<string, string>>;
}>;

export function corpusCases(): CorpusCase[] {
  const cases = [
    ...optionCases(),
    ...statementCases(),
    ...entryCases(),
    ...logCases(),
    ...jsonCases(),
    ...pdfCases(),
    ...packCases(),
    ...proofCases(),
    ...wideCases(),
    ...pairCases(),
    ...pairTimeCases(),
    ...usageCases(),
    ...structureCases(),
    ...overlookedCases(),
    ...pdfPartCases(),
    ...singleCheckCases(),
    ...alikeCases(),
    ...lineCases(),
    ...costCases(),
    ...spellingCases(),
    ...recognizedCases(),
  ];
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`Two cases are called ${name}`);
    names.add(name);
  }
  return cases;
}

/** The file of these bytes, named by their digest: cases that share bytes share the file. */
export function fileName(bytes: Uint8Array): string {
  const kind = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  const ext = kind === '%PDF' ? 'pdf' : kind.startsWith('PK') ? 'zip' : kind.startsWith('{') ? 'json' : 'txt';
  return `files/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${ext}`;
}

export function written({ name, args, marks, relation, exit, says }: CorpusCase): WrittenCase {
  return {
    name,
    args: args.map((each: Argument) => (typeof each === 'string' ? each : fileName(each))),
    reports: marks.map((row) =>
      Object.fromEntries(AXES.map((axis, i) => [axis, VERDICTS[row[i] as string] as string])),
    ),
    ...(relation === null ? {} : { relation: VERDICTS[relation] as string }),
    exit,
    ...(says === undefined ? {} : { says }),
  };
}

/** Writes the corpus into the folder, and gives its cases. */
export function writeCorpus(folder: string): WrittenCase[] {
  const cases = corpusCases();
  mkdirSync(join(folder, 'files'), { recursive: true });
  for (const { args } of cases) {
    for (const each of args) if (typeof each !== 'string') writeFileSync(join(folder, fileName(each)), each);
  }
  const all = cases.map(written);
  writeFileSync(join(folder, 'cases.json'), `${JSON.stringify(all, null, 1)}\n`);
  return all;
}

if (import.meta.main) {
  const [folder = 'evidence-corpus'] = process.argv.slice(2);
  console.log(`${writeCorpus(folder).length} cases in ${folder}`);
}
