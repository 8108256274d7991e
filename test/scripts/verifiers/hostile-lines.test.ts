// Files made to cost the programs memory: each program says that they failed, in a process of less than 512 MB.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KEY } from '../../support/evidence-corpus/case.ts';
import { HOSTILE_LINES } from '../../support/evidence-corpus/hostile-lines.ts';
import { runPython, VERIFIER, WITH_PYTHON } from '../../support/python.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { VERIFY_MJS } from '../../support/verifiers/load-verifier.ts';

const LIMIT_MB = 512;
/** Runs a program, and prints what it said, its exit code and how much memory it had at most. */
const MEASURE = `
import json, os, resource, subprocess, sys
run = subprocess.run(sys.argv[1:], capture_output=True, text=True, env={**os.environ, "DATA_DIR": os.getcwd()})
rss = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps({"code": run.returncode, "stdout": run.stdout, "stderr": run.stderr, "rssMb": rss}))
`;
const NODE = process.execPath;
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'verify.mjs': [NODE, fileURLToPath(VERIFY_MJS)],
  'verify.py': [process.env.TEST_PYTHON_PATH ?? 'python3', VERIFIER],
  'npm run verify': [NODE, resolve(import.meta.dirname, '../../../scripts/verify.ts')],
};

describe('a file that unpacks to millions of lines', WITH_PYTHON, () => {
  for (const [name, make] of Object.entries(HOSTILE_LINES)) {
    for (const [program, command] of Object.entries(PROGRAMS)) {
      it(`${name}: ${program} says that it failed, within ${LIMIT_MB} MB`, async (t) => {
        const folder = temporaryFolder(t);
        writeFileSync(join(folder, name), make());
        const { stdout } = await runPython(['-c', MEASURE, ...command, join(folder, name), ...KEY], folder);
        const ended = JSON.parse(stdout) as { code: number; stdout: string; stderr: string; rssMb: number };
        t.diagnostic(`${ended.rssMb} MB`);
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(ended.stdout, /^bytes: failed, /);
        assert.ok(ended.rssMb < LIMIT_MB, `${ended.rssMb} MB`);
      });
    }
  }
});
