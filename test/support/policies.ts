// Policies for tests: the files of the clinic week, and texts built from parts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import type { Policy, PolicyEntity } from '../../shared/policy/policy.ts';

export function policyFile(nameAtVersion: string): string {
  return readFileSync(new URL(`../data/clinic-week/policies/${nameAtVersion}.yaml`, import.meta.url), 'utf8');
}

export function mustParse(text: string): Policy {
  const result = parsePolicy(text);
  assert.ok(result.ok, result.ok ? '' : result.problems.join('; '));
  return result.policy;
}

export function policyOf(
  entities: Iterable<readonly [string, Partial<PolicyEntity>]>,
  passes: readonly string[] = ['regex', 'gemma', 'diarize'],
): Policy {
  const whole = [...entities].map(([key, entity]) => [key, { ...TOKENIZED, ...entity }] as const);
  return {
    name: 'test',
    version: 1,
    passes,
    entities: new Map(whole),
    audit: { logEvents: true, logPayloads: true, retentionDays: null },
    unreadKeys: [],
  };
}

const TOKENIZED: PolicyEntity = {
  enabled: true,
  action: 'tokenize',
  regex: true,
  ner: true,
  confidenceThreshold: 0.6,
};
