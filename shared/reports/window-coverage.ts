// Safe Harbor coverage of a window in which several policies were in force: an identifier is as good as the weakest.
import type { CountPair } from '../audit/verdict.ts';
import { assessCoverage, type Coverage, type IdentifierCoverage } from '../policy/assess-coverage.ts';
import { weakest } from '../policy/grade-kind.ts';
import { UNREAD_KEYS_LIMIT } from '../policy/unread-keys.ts';
import type { WideReport } from './report-schema.ts';
import { safeHarborDetail } from './safe-harbor-section.ts';
import { POLICY_BASIS } from './wording.ts';

/** A policy version's coverage, and the SHA-256 of its text. */
export type PolicyCoverage = Readonly<{ sha256Hex: string; coverage: Coverage }>;

/** The coverage where no policy was in force: none. */
const NO_COVERAGE = assessCoverage({
  name: '',
  version: 1,
  passes: [],
  entities: new Map(),
  audit: { logEvents: false, logPayloads: false, retentionDays: null },
  unreadKeys: [],
});

type Weakest = IdentifierCoverage & Readonly<{ sha256Hex: string | null }>;

/** `safe_harbor_coverage` and `safe_harbor_detail` of policies in order of first use. */
export function weakestCoverage(
  policies: readonly PolicyCoverage[],
  redactionsByKind: readonly CountPair[],
): Pick<WideReport, 'safe_harbor_coverage' | 'safe_harbor_detail'> {
  const identifiers = NO_COVERAGE.identifiers.map((none, i): Weakest => {
    const all = policies.map(({ sha256Hex, coverage }) => ({ ...coverage.identifiers[i]!, sha256Hex }));
    const status = weakest(...all.map((identifier) => identifier.status));
    return all.find((identifier) => identifier.status === status) ?? { ...none, sha256Hex: null };
  });
  const unread = policies.flatMap(({ coverage }) => coverage.unreadKeys);
  const merged: Coverage = {
    catalogueVersion: NO_COVERAGE.catalogueVersion,
    identifiers,
    unmappedKinds: mergeSorted(policies.map(({ coverage }) => coverage.unmappedKinds)),
    passthroughKinds: mergeSorted(policies.map(({ coverage }) => coverage.passthroughKinds)),
    unreadKeys: [...new Map(unread.map((key) => [key.place, key])).values()].slice(0, UNREAD_KEYS_LIMIT),
  };
  const detail = safeHarborDetail(merged, POLICY_BASIS.window, redactionsByKind);
  return {
    safe_harbor_coverage: Object.fromEntries(
      identifiers.map(({ key, status }) => [key, status]),
    ) as WideReport['safe_harbor_coverage'],
    safe_harbor_detail: {
      ...detail,
      identifiers: detail.identifiers.map((identifier, i) => ({
        ...identifier,
        policy_sha256: identifiers[i]!.sha256Hex,
      })),
    },
  };
}

function mergeSorted(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
