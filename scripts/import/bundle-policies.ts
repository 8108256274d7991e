// The bundle's policy versions: text byte for byte, its name and version equal to the file's.
import { createHash } from 'node:crypto';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import type { PolicyVersion } from '../../shared/policy/policy-repository.ts';
import { readPolicyFiles } from './bundle-files.ts';
import type { Problems } from './problems.ts';

export type BundlePolicy = PolicyVersion & Readonly<{ logPayloads: boolean }>;

/** Policies by `NAME@VERSION`; a file that is no policy is a problem, and left out. */
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
      problems.add(place, `is no usable policy: ${parsed.problems.join('; ')}`);
      continue;
    }
    const { name, version, audit } = parsed.policy;
    if (file !== `${name}@${version}.yaml`) {
      problems.add(place, 'has another name or version inside than its file name says');
      continue;
    }
    const sha256Hex = createHash('sha256').update(bytes).digest('hex');
    policies.set(`${name}@${version}`, { name, version, text, sha256Hex, logPayloads: audit.logPayloads });
  }
  return policies;
}
