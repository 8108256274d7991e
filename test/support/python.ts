// The Python that runs `verify.py` in tests. Where there is none its tests fail, saying how to get it, unless
// TEST_WITHOUT_PYTHON=1 allows to go without.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PATH = process.env.TEST_PYTHON_PATH;

/** For tests of `verify.py`. */
export const WITH_PYTHON = {
  skip: PATH === undefined && process.env.TEST_WITHOUT_PYTHON === '1' && 'there is no Python',
};

export const VERIFIER = join(import.meta.dirname, '../../scripts/verifiers/verify.py');

export type Ended = Readonly<{ code: number; stdout: string; stderr: string }>;

/** Runs Python, which writes no compiled files beside the programs. */
export async function runPython(args: readonly string[], cwd?: string): Promise<Ended> {
  if (PATH === undefined) {
    throw new Error(
      'There is no Python of 3.9 or later: apt-get install python3. TEST_WITHOUT_PYTHON=1 skips what needs it.',
    );
  }
  const options = {
    maxBuffer: 256 * 1024 * 1024,
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
    ...(cwd !== undefined && { cwd }),
  };
  try {
    return { code: 0, ...(await promisify(execFile)(PATH, args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** Runs lines of Python that use the verifier as the module `verify`, and gives what they print. */
export async function evaluatePython(lines: string): Promise<string> {
  const prelude = `import sys; sys.path.insert(0, ${JSON.stringify(join(VERIFIER, '..'))}); import verify`;
  const { code, stdout, stderr } = await runPython(['-c', `${prelude}\n${lines}`]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
