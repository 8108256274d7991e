// Safe Harbor coverage, computed from a policy: the identifiers that the policy is configured to mask. It does not say
// how well detection works, and is no determination under 45 CFR 164.514(b).
import { gradeKind, type KindGrade, kindGradeWords, weakest } from './grade-kind.ts';
import { type Policy, type PolicyEntity, passthroughKinds, type UnreadKey } from './policy.ts';
import {
  type CatalogueIdentifier,
  COVERAGE_STATUSES,
  type CoverageStatus,
  foldKind,
  type IdentifierKey,
  kindRow,
  SAFE_HARBOR,
} from './safe-harbor-catalogue.ts';

/** How far a policy covers one identifier of 45 CFR 164.514(b)(2)(i), and why. */
export type IdentifierCoverage = Readonly<{
  key: IdentifierKey;
  citation: string;
  title: string;
  status: CoverageStatus;
  applicable: boolean;
  /** The catalogue's kinds that are effective and score, sorted. */
  kinds: readonly string[];
  /** Clauses joined by "; ", made of the catalogue's words alone. */
  reason: string;
}>;

/** How far a policy covers all 18 identifiers, and the policy's keys that cover nothing. */
export type Coverage = Readonly<{
  catalogueVersion: string;
  /** All 18, in the regulation's order. */
  identifiers: readonly IdentifierCoverage[];
  /** Keys of the policy that the catalogue maps to nothing, sorted; they score nothing. */
  unmappedKinds: readonly string[];
  /** Keys of the policy that reach the model unmasked, sorted. */
  passthroughKinds: readonly string[];
  /** Keys of the policy that are not known, so that no status follows from them. */
  unreadKeys: readonly UnreadKey[];
}>;

type GradeOf = (kind: string) => KindGrade;
type Scored = Readonly<{ status: CoverageStatus; clauses: readonly string[] }>;
type Facet = CatalogueIdentifier['facets'][number];

/**
 * Computes from a policy alone how far it covers each identifier of 45 CFR 164.514(b)(2)(i), by the rules of the
 * catalogue. Pure. A policy without entities covers none.
 */
export function assessCoverage(policy: Policy): Coverage {
  const entitiesByKind = foldEntities(policy);
  const gradeOf: GradeOf = (kind) => gradeKind(kindRow(kind), entitiesByKind.get(kind) ?? [], policy.passes);
  return {
    catalogueVersion: SAFE_HARBOR.version,
    identifiers: SAFE_HARBOR.identifiers.map((identifier) => assessIdentifier(identifier, gradeOf)),
    unmappedKinds: [...policy.entities.keys()].filter((key) => foldKind(key) === null).sort(),
    passthroughKinds: passthroughKinds(policy),
    unreadKeys: policy.unreadKeys,
  };
}

/** Whether a text is a reason that `assessCoverage` can have written. */
export function isCoverageReason(text: string): boolean {
  return text.split(BETWEEN).every(isClause);
}

const BETWEEN = '; ';
const KIND_WORDS = kindGradeWords();
const CATALOGUE_WORDS = new Set(
  SAFE_HARBOR.identifiers.flatMap((identifier) => [
    ...capClauses(identifier),
    ...identifier.facets.flat().flatMap((member) => memberClauses(member)),
  ]),
);

function foldEntities(policy: Policy): Map<string, PolicyEntity[]> {
  const byKind = new Map<string, PolicyEntity[]>();
  for (const [key, entity] of policy.entities) {
    const kind = foldKind(key);
    if (kind !== null) byKind.set(kind, [...(byKind.get(kind) ?? []), entity]);
  }
  return byKind;
}

function assessIdentifier(identifier: CatalogueIdentifier, gradeOf: GradeOf): IdentifierCoverage {
  const { key, citation, title, applicable, facets, cap } = identifier;
  const scored = facets.map((facet) => scoreFacet(facet, gradeOf));
  const kinds = facets.flat().map((member) => member.kind);
  const clauses = [...scored.flatMap((facet) => facet.clauses), ...capClauses(identifier)];
  return {
    key,
    citation,
    title,
    applicable,
    status: weakest(combine(scored.map((facet) => facet.status)), cap),
    kinds: [...new Set(kinds)].filter((kind) => gradeOf(kind).status !== 'none').sort(),
    reason: [...new Set(clauses)].join(BETWEEN),
  };
}

// A facet takes the best of its kinds. Where none scores, the reason names each of them.
function scoreFacet(facet: Facet, gradeOf: GradeOf): Scored {
  const members = facet.map((member) => {
    const grade = gradeOf(member.kind);
    const status = weakest(grade.status, member.cap ?? 'full');
    const words = `${member.kind} ${grade.because}`;
    return { status, clauses: status === grade.status ? [words] : [words, ...memberClauses(member)] };
  });
  const best = members.reduce((a, b) => (rank(b.status) > rank(a.status) ? b : a));
  return best.status === 'none'
    ? { status: 'none', clauses: members.flatMap((member) => member.clauses) }
    : best;
}

function combine(facets: readonly CoverageStatus[]): CoverageStatus {
  if (facets.every((status) => status === 'none')) return 'none';
  return facets.every((status) => status === 'full') ? 'full' : 'partial';
}

function memberClauses(member: Facet[number]): string[] {
  return member.cap === undefined
    ? []
    : [`${member.kind} counts here as ${member.cap} at most: ${member.why}`];
}

function capClauses({ why, cap, applicable }: CatalogueIdentifier): string[] {
  if (why === undefined) return [];
  return [applicable ? `${cap} at most: ${why}` : why];
}

function isClause(text: string): boolean {
  if (CATALOGUE_WORDS.has(text)) return true;
  const space = text.indexOf(' ');
  return foldKind(text.slice(0, space)) === text.slice(0, space) && KIND_WORDS.has(text.slice(space + 1));
}

function rank(status: CoverageStatus): number {
  return COVERAGE_STATUSES.indexOf(status);
}
