// The rules of the Safe Harbor assessment, kept as a data file so that an auditor can read and argue with them.
// A change of the file that changes any result needs a new `version` in it.
import { z } from 'zod';
import source from './safe-harbor-catalogue.json' with { type: 'json' };

/** How far a policy covers an identifier, from the least to the most. */
export const COVERAGE_STATUSES = ['none', 'partial', 'full'] as const;
/** One of `COVERAGE_STATUSES`. */
export type CoverageStatus = (typeof COVERAGE_STATUSES)[number];

/** The keys of 45 CFR 164.514(b)(2)(i)(A) to (R), in order. */
export const IDENTIFIER_KEYS = [
  'A_names',
  'B_geo',
  'C_dates',
  'D_phone',
  'E_fax',
  'F_email',
  'G_ssn',
  'H_mrn',
  'I_health_plan',
  'J_account',
  'K_license',
  'L_vehicle',
  'M_device',
  'N_url',
  'O_ip',
  'P_biometric',
  'Q_photo',
  'R_other',
] as const;
/** The key of one of the 18 identifiers of 45 CFR 164.514(b)(2)(i). */
export type IdentifierKey = (typeof IDENTIFIER_KEYS)[number];

const status = z.enum(COVERAGE_STATUSES);
const name = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
// Reasons join clauses with "; ", so no clause may hold one.
const clause = z.string().regex(/^[^;]+$/);

const catalogueSchema = z
  .strictObject({
    version: z.string().min(1),
    source: z.string().min(1),
    /** By detector, the pass that must run for it to be on. */
    passes: z.strictObject({ regex: z.string(), ner: z.string() }),
    identifiers: z.array(
      z.strictObject({
        key: z.enum(IDENTIFIER_KEYS),
        citation: z.string().min(1),
        title: z.string().min(1),
        applicable: z.boolean(),
        /** Each facet takes the best of its kinds. */
        facets: z.array(
          z.array(z.strictObject({ kind: name, cap: status.optional(), why: clause.optional() })).min(1),
        ),
        /** The most that the identifier can reach. */
        cap: status,
        why: clause.optional(),
      }),
    ),
    kinds: z.array(
      z.strictObject({
        kind: name,
        /** By the detectors that are on. */
        grades: z.strictObject({ regex: status, ner: status, both: status }),
        /**
         * Confidence thresholds: above the first a grade that rests on NER is partial, from the second NER scores
         * nothing.
         */
        ner_threshold: z.strictObject({ partial_above: z.number(), nothing_from: z.number() }),
      }),
    ),
    /** Other names of a kind, in the form that `foldKind` compares. */
    aliases: z.record(name, name),
  })
  .superRefine((catalogue, context) => {
    const kinds = new Set(catalogue.kinds.map((row) => row.kind));
    const keys = catalogue.identifiers.map((identifier) => identifier.key);
    const demand = (holds: boolean, problem: string) => holds || context.addIssue(problem);
    demand(keys.join() === IDENTIFIER_KEYS.join(), 'identifiers must be the 18 keys in order');
    demand(kinds.size === catalogue.kinds.length, 'a kind has two rows of grades');
    for (const { key, facets, cap, why, applicable } of catalogue.identifiers) {
      demand((cap === 'full') === (why === undefined), `${key} needs a reason exactly where it is capped`);
      demand(applicable === facets.length > 0, `${key} needs facets exactly where it is applicable`);
      for (const member of facets.flat()) {
        demand(kinds.has(member.kind), `${key} names a kind without grades`);
        demand(
          (member.cap === undefined) === (member.why === undefined),
          `${key} caps a kind without a reason`,
        );
      }
    }
    for (const [alias, kind] of Object.entries(catalogue.aliases)) {
      demand(kinds.has(kind), `alias ${alias} names a kind without grades`);
      demand(!kinds.has(alias), `alias ${alias} is a kind itself`);
    }
  });

/** The rules as data: the 18 identifiers with their entity kinds, the grades of each kind, and other names of kinds. */
export type SafeHarborCatalogue = z.infer<typeof catalogueSchema>;
/** An identifier of the catalogue: its facets, the most that it can reach, and why it is capped or not applicable. */
export type CatalogueIdentifier = SafeHarborCatalogue['identifiers'][number];
/** An entity kind of the catalogue: its grade by detectors, and its confidence thresholds. */
export type KindRow = SafeHarborCatalogue['kinds'][number];

/** Checks a catalogue read from JSON. Throws a ZodError that names each problem. */
export function parseCatalogue(value: unknown): SafeHarborCatalogue {
  return catalogueSchema.parse(value);
}

/** The catalogue of this version of the program, from `safe-harbor-catalogue.json`. */
export const SAFE_HARBOR: SafeHarborCatalogue = parseCatalogue(source);

const rowByKind = new Map(SAFE_HARBOR.kinds.map((row) => [row.kind, row]));
const kindByName = new Map([
  ...SAFE_HARBOR.kinds.map((row) => [row.kind, row.kind] as const),
  ...Object.entries(SAFE_HARBOR.aliases),
]);

/**
 * The catalogue's kind for a name as a policy or a log writes it (`person_name` → `NAME`), or null. Folds ASCII letters
 * only: Unicode's upper case would turn a name with a long s into `SSN`, and no firewall knows that name.
 */
export function foldKind(written: string): string | null {
  const name = written
    .trim()
    .replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    .replace(/[\s.-]+/g, '_');
  return kindByName.get(name) ?? null;
}

/** Whether a name, exactly as written, is a kind or alias of the catalogue: then it is our word, not a caller's. */
export function isCatalogueName(written: string): boolean {
  return kindByName.has(written);
}

/** The catalogue's row of an entity kind. Throws an Error for a kind that the catalogue does not have. */
export function kindRow(kind: string): KindRow {
  const row = rowByKind.get(kind);
  if (!row) throw new Error('The kind is not in the Safe Harbor catalogue');
  return row;
}
