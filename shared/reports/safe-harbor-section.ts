import type { CountPair } from '../audit/verdict.ts';
import type { Coverage } from '../policy/assess-coverage.ts';
import { foldKind, type IdentifierKey, SAFE_HARBOR } from '../policy/safe-harbor-catalogue.ts';
import type { Report } from './report-schema.ts';
import { COVERAGE_CAVEAT } from './wording.ts';

/** `safe_harbor_coverage`: the status of each of the 18 keys of 45 CFR 164.514(b)(2)(i), in order. */
export function presentCoverage(coverage: Coverage): Report['safe_harbor_coverage'] {
  const statuses = coverage.identifiers.map(({ key, status }) => [key, status] as const);
  return Object.fromEntries(statuses) as Report['safe_harbor_coverage'];
}

/** `safe_harbor_detail`: capability and detections side by side. A count never changes a status. */
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
    unread_policy_keys: coverage.unreadKeys,
  };
}

// A kind can belong to several identifiers (a phone number may be a fax number) and then counts under each.
const KINDS_BY_IDENTIFIER = SAFE_HARBOR.identifiers.map(
  ({ key, facets }) => [key, new Set(facets.flat().map(({ kind }) => kind))] as const,
);

function countByIdentifier(redactionsByKind: readonly CountPair[]): Map<IdentifierKey, number> {
  const folded = redactionsByKind.map(([name, count]) => [foldKind(name), count] as const);
  const total = (kinds: ReadonlySet<string>) =>
    folded.reduce((sum, [kind, count]) => (kind !== null && kinds.has(kind) ? sum + count : sum), 0);
  return new Map(KINDS_BY_IDENTIFIER.map(([key, kinds]) => [key, total(kinds)]));
}
