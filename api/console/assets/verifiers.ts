// The programs that check evidence without this service, as files to hand on, and the part of one that pages run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../scripts/verifiers');

/** The names of the programs. */
export const VERIFIER_NAMES = ['verify.html', 'verify.py', 'verify.mjs'] as const;

/** The name of a program. */
export type VerifierName = (typeof VERIFIER_NAMES)[number];

/** The bytes of a program. */
export function readVerifier(name: VerifierName): Buffer {
  return readFileSync(join(FOLDER, name));
}

/**
 * The script of `verify.html`, byte for byte: the policy of the pages lets none stand in a page. It runs on a page that
 * has the same fields. Throws where the file holds no script, or several.
 */
export function readCheckingCode(): Buffer {
  const [, script, , ...more] = readVerifier('verify.html')
    .toString()
    .split(/<script>|<\/script>/);
  if (script === undefined || more.length > 0) {
    throw new Error('scripts/verifiers/verify.html has to hold one script');
  }
  return Buffer.from(script);
}
