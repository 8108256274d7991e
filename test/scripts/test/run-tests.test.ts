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

type Ran = Readonly<{ passed: boolean; printed: string }>;

/** Runs files of these texts in a process of its own: a run inside a test's process runs nothing. */
async function runFiles(t: TestContext, ...texts: string[]): Promise<Ran> {
  return await runPatiently(t, 60_000, texts);
}

async function runPatiently(t: TestContext, patienceMs: number, texts: readonly string[]): Promise<Ran> {
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
    const passed = await runTests(${JSON.stringify(files)}, { TEST_GIVEN: 'yes' }, new AbortController().signal, ${patienceMs});
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
};

for (const [fault, text] of Object.entries(FAULTS)) {
  test(`a run fails over ${fault}, beside files that pass, and names its file`, async (t) => {
    const { passed, printed } = await runFiles(t, PASS, text, PASS);
    assert.equal(passed, false, printed);
    assert.match(printed, /^ℹ fail [^0]|^ℹ cancelled [^0]/m);
    assert.match(printed, /\b1\.test\.mjs\b/);
  });
}

const SAYS_PROCESS = `import { test } from 'node:test';
test('process ' + process.pid, () => {});`;
const MARKED = "import { after } from 'node:test';\nafter(() => {});\n";

test('files share a process, but for those with a mark of state that others would meet', async (t) => {
  const { passed, printed } = await runFiles(t, SAYS_PROCESS, MARKED + SAYS_PROCESS, SAYS_PROCESS);
  assert.equal(passed, true, printed);
  const processes = [...printed.matchAll(/^✔ process (\d+)/gm)].map(([, pid]) => pid);
  assert.equal(processes.length, 3);
  assert.equal(new Set(processes).size, 2);
});

test('every file of several processes runs once', async (t) => {
  const texts = Array.from(
    { length: 25 },
    (_, i) => `import { test } from 'node:test';\ntest('file ${i};', () => {});`,
  );
  const { passed, printed } = await runFiles(t, ...texts);
  assert.equal(passed, true, printed);
  for (const i of texts.keys()) assert.equal(printed.split(`✔ file ${i};`).length - 1, 1, printed);
});

test('a test that fails in a shared process is named with its file and line', async (t) => {
  const { printed } = await runFiles(t, PASS, `${PASS}\ntest('x', () => { throw new Error('no'); });`, PASS);
  assert.match(printed, /^test at .*\b1\.test\.mjs:4:1$/m);
});

test('a process that is killed is told by the test that it ran', async (t) => {
  const killed = `${PASS}test('ends all', async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(process.pid, 'SIGKILL');
  });`;
  const { passed, printed } = await runFiles(t, PASS, killed, PASS);
  assert.equal(passed, false);
  assert.match(printed, /^ {2}It was running "ends all" of .*\b1\.test\.mjs:3$/m);
});

const ENDLESS: Readonly<Record<string, string>> = {
  'a file whose process stays after its tests': `${PASS}setInterval(() => {}, 1_000);`,
  'a file that never ends to load': `setInterval(() => {}, 1_000);\nawait new Promise(() => {});`,
  'a file that spins': 'for (;;);',
};

for (const [fault, text] of Object.entries(ENDLESS)) {
  test(`a run fails over ${fault}, and names it`, async (t) => {
    const { passed, printed } = await runPatiently(t, 2_000, [text, PASS]);
    assert.equal(passed, false, printed);
    assert.match(printed, /^The process of these files did not end well: .*\b0\.test\.mjs\b/m);
  });
}

test('a run fails over a file that never ends and shares no process', async (t) => {
  const { passed, printed } = await runPatiently(t, 2_000, [`${PASS}setInterval(() => {}, 1_000);`]);
  assert.equal(passed, false, printed);
  assert.match(printed, /^The process of these files did not end well: .*\b0\.test\.mjs$/m);
});

test('a run that stands still names the files that run, and none that waits for its turn', async (t) => {
  const endless = `${MARKED}${PASS}setInterval(() => {}, 1_000);`;
  const { printed } = await runPatiently(t, 2_000, [endless, endless, endless, MARKED + PASS]);
  const named = [...printed.matchAll(/^The process of these files did not end well: .*\b(\d)\.test\.mjs$/gm)];
  assert.deepEqual(named.map(([, i]) => i).sort(), ['0', '1', '2'], printed);
});
