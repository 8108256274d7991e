// Every verifier is held to the same corpus, whose verdicts its maker wrote from the rules.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KEY } from '../../support/evidence-corpus/case.ts';
import { LARGE_PDFS } from '../../support/evidence-corpus/large-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type CorpusFolder, corpusFolder } from '../../support/verifiers/corpus-folder.ts';
import { differencesOf, marksOf, type Outcome } from '../../support/verifiers/corpus-outcomes.ts';
import {
  loadVerifier,
  npmRunVerify,
  VERIFY_MJS,
  type Verifier,
} from '../../support/verifiers/load-verifier.ts';

/** A line for each verifier that runs in this process. The others run the corpus in tests of their own. */
const VERIFIERS: Readonly<Record<string, Verifier>> = {
  'verify.mjs': await loadVerifier(VERIFY_MJS),
  'npm run verify': npmRunVerify,
};

let corpus: CorpusFolder;
const releases: (() => unknown)[] = [];

describe('the evidence corpus', () => {
  before(() => {
    corpus = corpusFolder({ after: (release) => releases.push(release as () => unknown) });
  });
  after(() => {
    for (const release of releases) release();
  });

  it('has cases of every verdict on every axis but the pages', () => {
    const { cases } = corpus;
    assert.ok(cases.length >= 400);
    const seen = new Set(
      cases.flatMap(({ reports, relation }) => [
        ...reports.flatMap((verdicts) =>
          Object.entries(verdicts).map(([axis, verdict]) => `${axis} ${verdict}`),
        ),
        ...(relation === undefined ? [] : [`relation ${relation}`]),
      ]),
    );
    const axes = ['bytes', 'statement', 'entries', 'completeness', 'log', 'witnesses', 'macs', 'relation'];
    const expected = axes.flatMap((axis) =>
      ['verified', 'failed', 'not checked'].map((verdict) => `${axis} ${verdict}`),
    );
    assert.deepEqual([...seen].sort(), [...expected, 'pages not checked'].sort());
  });

  for (const [name, verify] of Object.entries(VERIFIERS)) {
    it(`gets from ${name} what the rules demand, case by case`, async () => {
      const { folder, cases } = corpus;
      const inFolder = (arg: string) => (arg.startsWith('files/') ? join(folder, arg) : arg);
      const outcomes: Outcome[] = [];
      for (const { args } of cases) outcomes.push(await verify(args.map(inFolder)));
      assert.deepEqual(differencesOf(cases, outcomes), []);
    });

    it(`gets from ${name} no failure of a PDF for its size`, async (t) => {
      const folder = temporaryFolder(t);
      for (const { name: file, make, marks } of LARGE_PDFS) {
        const path = join(folder, 'large.pdf');
        writeFileSync(path, make());
        const { lines } = await verify([path, ...KEY]);
        assert.equal(marksOf(lines), marks, file);
      }
    });
  }
});
