// The policies of the demo clinic.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import type { PolicyVersion } from '../../shared/policy/policy-repository.ts';

const FILES = ['healthcare-default@1.yaml', 'billing-strict@3.yaml'];

export function readDemoPolicies(): Promise<PolicyVersion[]> {
  return Promise.all(FILES.map(readOne));
}

async function readOne(file: string): Promise<PolicyVersion> {
  const text = await readFile(new URL(`./policies/${file}`, import.meta.url), 'utf8');
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`${file} is not a usable policy`);
  const { name, version } = parsed.policy;
  return { name, version, text, sha256Hex: createHash('sha256').update(text).digest('hex') };
}
