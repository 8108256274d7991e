import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { COMPILE_CACHE } from '../../support/compile-cache.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MODULE = new URL('../../../scripts/test/run-tests.ts', import.meta.url).href;
const PASS = "import { test } from 'node:test';\ntest('is well', () => {});\n";

/** Runs files of these texts in a process of its own: a run inside a test's process runs nothing. */
async function runFiles(t: TestContext, ...texts: string[]): Promise<{ passed: boolean; printed: string }> {
  const folder = temporaryFolder(t);
  const files = await Promise.all(
    texts.map(async (text, i) => {
      const file = join(folder, `${i}.test.mjs`);
      await writeFile(file, text);
      return file;
    }),
  );
  const program = `
    import { runTests } from ${JSON.stringify(MODULE)};
    const given = { TEST_GIVEN: 'yes', TEST_ENDS_WITHIN_MS: '2000' };
    const passed = await runTests(${JSON.stringify(files)}, given, new AbortController().signal);
    console.log(passed ? 'ALL PASS' : 'NOT ALL PASS');`;
  const runner = join(folder, 'runner.mjs');
  await writeFile(runner, program);
  const env = { PATH: process.env.PATH, ...COMPILE_CACHE, DATA_DIR: 'of the shell' };
  const { stdout } = await promisify(execFile)(process.execPath, [runner], { env });
  return { passed: /^ALL PASS$/m.test(stdout), printed: stdout };
}

test('a run passes where every test of every file passes', async (t) => {
  const { passed, printed } = await runFiles(t, PASS, PASS);
  assert.match(printed, /^ℹ pass 2$/m);
  assert.equal(passed, true);
});

test('a test gets what the run gives it, and no settings of the shell', async (t) => {
  const looks = `import assert from 'node:assert';
    import { test } from 'node:test';
    test('looks', () => assert.deepEqual([process.env.TEST_GIVEN, process.env.DATA_DIR], ['yes', undefined]));`;
  const { passed, printed } = await runFiles(t, looks);
  assert.equal(passed, true, printed);
});

const FAULTS: Readonly<Record<string, string>> = {
  'a test that fails': "import { test } from 'node:test';\ntest('x', () => { throw new Error('no'); });",
  'a part of a test that fails': `import { test } from 'node:test';
    test('x', (t) => t.test('y', () => { throw new Error('no'); }));`,
  'a file that cannot be loaded': "import './missing.mjs';",
  'a process that ends with an error after its tests': `${PASS}process.on('exit', () => { process.exitCode = 3; });`,
  'a process that is killed': `${PASS}process.kill(process.pid, 'SIGKILL');`,
  'an error after the test': `import { test } from 'node:test';
    test('x', () => { setTimeout(() => { throw new Error('late'); }, 50); });`,
  'an error beside a test': `import { test } from 'node:test';
    test('x', async () => {
      setTimeout(() => { throw new Error('beside'); }, 5);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });`,
  'a promise that is rejected and that nobody awaits': `import { test } from 'node:test';
    test('x', async () => { void Promise.reject(new Error('lost')); });`,
};

for (const [fault, text] of Object.entries(FAULTS)) {
  test(`a run fails over ${fault}, beside files that pass`, async (t) => {
    const { passed, printed } = await runFiles(t, PASS, text, PASS);
    assert.equal(passed, false, printed);
    assert.match(printed, /^ℹ fail [^0]|^ℹ cancelled [^0]/m);
  });
}

test('a run fails over a process that something keeps alive after its tests, and says what', async (t) => {
  const open = `${PASS}import { createServer } from 'node:net'; createServer().listen(0);`;
  const { passed, printed } = await runFiles(t, PASS, open);
  assert.equal(passed, false, printed);
  assert.match(
    printed,
    /The tests of this process have ended, and it has not, for it holds: .*TCPServerWrap/,
  );
});

const MANY = Array.from({ length: 45 }, () => PASS);

test('a long run, whose files share processes, runs every test of every file and passes', async (t) => {
  const { passed, printed } = await runFiles(t, ...MANY);
  assert.match(printed, /^ℹ pass 45$/m);
  assert.match(printed, /^The slowest files, in seconds:\n(?: +\d\.\d {2}\S+\d\.test\.mjs\n){20}/m);
  assert.equal(passed, true);
});

test('a long run begins no test before the files of its process are loaded, and runs each suite with its own hooks', async (t) => {
  const late = `import { beforeEach as each, describe, it, test } from 'node:test';
    import assert from 'node:assert';
    test('waits', () => assert.equal(globalThis.lastLoaded, true));
    let begun = 0;
    describe('outer', () => {
      each(() => { begun += 1; });
      describe('inner', () => it('x', () => {}));
    });
    test('behind', () => assert.equal(begun, 1));`;
  const last = `import { setTimeout } from 'node:timers/promises';
    await setTimeout(200);
    globalThis.lastLoaded = true;`;
  const { passed, printed } = await runFiles(t, ...MANY.slice(0, 42), late, last);
  assert.equal(passed, true, printed);
});

for (const fault of ['a test that fails', 'a file that cannot be loaded', 'a process that is killed']) {
  test(`a long run fails over ${fault}`, async (t) => {
    const { passed, printed } = await runFiles(t, ...MANY, FAULTS[fault] as string);
    assert.equal(passed, false, printed);
    assert.match(printed, /^ℹ fail [^0]|^ℹ cancelled [^0]/m);
  });
}
