// Reads the bundle's policy versions: each text byte for byte, with the name and version that its file name states.
import { createHash } from 'node:crypto';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import type { PolicyVersion } from '../../shared/policy/policy-repository.ts';
import { readPolicyFiles } from './bundle-files.ts';
import type { Problems } from './problems.ts';

export type BundlePolicy = PolicyVersion & Readonly<{ logPayloads: boolean }>;

/** Policies by `NAME@VERSION`. A file that is not a usable policy becomes a problem and is left out. */
export async function readPolicies(dir: string, problems: Problems): Promise<Map<string, BundlePolicy>> {
  const policies = new Map<string, BundlePolicy>();
  for (const { file, bytes } of await readPolicyFiles(dir)) {
    const place = `policies/${file}`;
    const text = decodeUtf8(bytes);
    if (text === null) {
      problems.add(place, 'is not UTF-8');
      continue;
    }
    const parsed = parsePolicy(text);
    if (!parsed.ok) {
      problems.add(place, `is not a usable policy: ${parsed.problems.join('; ')}`);
      continue;
    }
    const { name, version, audit } = parsed.policy;
    if (file !== `${name}@${version}.yaml`) {
      problems.add(place, 'has another name or version than its file name');
      continue;
    }
    const sha256Hex = createHash('sha256').update(bytes).digest('hex');
    policies.set(`${name}@${version}`, { name, version, text, sha256Hex, logPayloads: audit.logPayloads });
  }
  return policies;
}
