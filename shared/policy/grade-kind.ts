// Grades how far a policy covers one kind, by the kind's row in the catalogue, the policy's settings and its passes.
import type { PolicyEntity } from './policy.ts';
import {
  COVERAGE_STATUSES,
  type CoverageStatus,
  type KindRow,
  SAFE_HARBOR,
} from './safe-harbor-catalogue.ts';

/** A grade and why, as words that follow the kind's name ("is full by regex"). */
export type KindGrade = Readonly<{ status: CoverageStatus; because: string }>;

const DETECTORS = { regex: 'regex', ner: 'NER', both: 'regex and NER' } as const;
type Detectors = keyof typeof DETECTORS;

const UNSCORED = {
  absent: 'is not in the policy',
  disabled: 'is disabled',
  passthrough: 'is passed through unmasked',
  undetected: 'has no detector switched on',
  threshold: 'has a confidence threshold at which NER scores nothing',
} as const;
const HELD = ', held there by its confidence threshold';
const WEAKEST = ' (the weakest of the policy keys for it)';

/**
 * Grades a kind by all entities of the policy whose keys fold into it; `none` without any. The weakest entity counts,
 * disabled ones included, so that disabling a key can never raise a grade.
 */
export function gradeKind(
  row: KindRow,
  entities: readonly PolicyEntity[],
  passes: readonly string[],
): KindGrade {
  const grades = entities.map((entity) => gradeEntity(row, entity, passes));
  const status = weakest(...grades.map((grade) => grade.status));
  // Entities may share the weakest status. Takes the first of their sorted reasons, so that key order changes nothing.
  const because = grades
    .filter((grade) => grade.status === status)
    .map((grade) => grade.because)
    .sort()[0];
  if (because === undefined) return { status: 'none', because: UNSCORED.absent };
  return { status, because: entities.length > 1 ? because + WEAKEST : because };
}

/** Every `because` that `gradeKind` can give, for checks that a reason is in our own words. */
export function kindGradeWords(): Set<string> {
  const scored = COVERAGE_STATUSES.flatMap((status) =>
    Object.values(DETECTORS).flatMap((by) => [`is ${status} by ${by}`, `is ${status} by ${by}${HELD}`]),
  );
  const words = [...Object.values(UNSCORED), ...scored];
  return new Set([...words, ...words.map((because) => because + WEAKEST)]);
}

/** The lowest of the statuses; `full` when there are none. */
export function weakest(...statuses: readonly CoverageStatus[]): CoverageStatus {
  const rank = Math.min(...statuses.map((status) => COVERAGE_STATUSES.indexOf(status)));
  return COVERAGE_STATUSES[rank] ?? 'full';
}

function gradeEntity(row: KindRow, entity: PolicyEntity, passes: readonly string[]): KindGrade {
  if (!entity.enabled) return unscored('disabled');
  if (entity.action === 'passthrough') return unscored('passthrough');
  const regex = entity.regex && passes.includes(SAFE_HARBOR.passes.regex);
  const nerRuns = entity.ner && passes.includes(SAFE_HARBOR.passes.ner);
  const ner = nerRuns && entity.confidenceThreshold < row.ner_threshold.nothing_from;
  if (!regex && !ner) return unscored(nerRuns ? 'threshold' : 'undetected');

  const detectors: Detectors = regex && ner ? 'both' : regex ? 'regex' : 'ner';
  const restsOnNer = ner && row.grades.regex !== 'full';
  const held = restsOnNer && entity.confidenceThreshold > row.ner_threshold.partial_above;
  const grade = row.grades[detectors];
  const status = held ? weakest(grade, 'partial') : grade;
  const because = `is ${status} by ${DETECTORS[detectors]}`;
  return { status, because: status === grade ? because : because + HELD };
}

function unscored(why: keyof typeof UNSCORED): KindGrade {
  return { status: 'none', because: UNSCORED[why] };
}
