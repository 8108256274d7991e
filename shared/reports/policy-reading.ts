// Everything that is computed from a policy's text alone. Most sessions run under few policies, so the last few are
// kept.
import { assessCoverage, type Coverage } from '../policy/assess-coverage.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import type { Policy } from '../policy/policy.ts';

/** A policy and its coverage; or what is wrong with the text. */
export type PolicyReading =
  | Readonly<{ ok: true; policy: Policy; coverage: Coverage }>
  | Readonly<{ ok: false; problems: readonly string[] }>;

/** Policies kept in each thread: a text is some kilobytes, and 256 KiB at most. */
const KEPT = 16;

/** By text, the least recently used first. */
const kept = new Map<string, PolicyReading>();

/** Reads a policy's text. Pure but for the cache: equal texts give equal readings. */
export function readPolicy(text: string): PolicyReading {
  const reading = kept.get(text) ?? computeReading(text);
  kept.delete(text);
  kept.set(text, reading);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
  return reading;
}

function computeReading(text: string): PolicyReading {
  const parsed = parsePolicy(text);
  if (!parsed.ok) return parsed;
  const { policy } = parsed;
  return { ok: true, policy, coverage: assessCoverage(policy) };
}
