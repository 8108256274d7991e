import { type LoadedYaml, loadYaml } from '../yaml/load-yaml.ts';

/** The longest policy text that is read, in bytes of UTF-8: 256 KiB. */
export const POLICY_SIZE_LIMIT = 256 * 1024;

/** Reads the YAML of a policy as `loadYaml` does. Refuses a text over `POLICY_SIZE_LIMIT`, too. */
export function loadPolicyYaml(text: string): LoadedYaml {
  if (Buffer.byteLength(text, 'utf8') > POLICY_SIZE_LIMIT) {
    return { ok: false, problem: `The policy is larger than ${POLICY_SIZE_LIMIT / 1024} KiB` };
  }
  return loadYaml(text, 'The policy');
}
