import type { CountPair } from '../audit/verdict.ts';
import type { Coverage } from '../policy/assess-coverage.ts';
import { foldKind, type IdentifierKey, SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import type { Report } from './report-schema.ts';
import { COVERAGE_CAVEAT } from './wording.ts';

export function presentCoverage(coverage: Coverage): Report['safe_harbor_coverage'] {
  const statuses = coverage.identifiers.map(({ key, status }) => [key, status] as const);
  return Object.fromEntries(statuses) as Report['safe_harbor_coverage'];
}

/** Capability and detections side by side: a count never moves a status. */
export function safeHarborDetail(
  coverage: Coverage,
  basis: Report['policy']['basis'],
  redactionsByKind: readonly CountPair[],
): Report['safe_harbor_detail'] {
  const detected = countByIdentifier(redactionsByKind);
  return {
    catalogue_version: coverage.catalogueVersion,
    basis,
    caveat: COVERAGE_CAVEAT,
    identifiers: coverage.identifiers.map((identifier) => ({
      key: identifier.key,
      citation: identifier.citation,
      title: identifier.title,
      status: identifier.status,
      applicable: identifier.applicable,
      kinds: identifier.kinds,
      detected: detected.get(identifier.key) ?? 0,
      reason: identifier.reason,
    })),
    unmapped_policy_kinds: coverage.unmappedKinds,
    unmapped_logged_kinds: redactionsByKind.map(([name]) => name).filter((name) => foldKind(name) === null),
  };
}

// A kind can belong to several identifiers (a phone number may be a fax number) and then counts under each.
function countByIdentifier(redactionsByKind: readonly CountPair[]): Map<IdentifierKey, number> {
  const counts = SAFE_HARBOR.identifiers.map(({ key, facets }) => {
    const kinds = new Set(facets.flat().map((member) => member.kind));
    const total = redactionsByKind
      .filter(([name]) => kinds.has(foldKind(name) ?? ''))
      .reduce((sum, [, count]) => sum + count, 0);
    return [key, total] as const;
  });
  return new Map(counts);
}
