// A masking policy as the rest of the program sees it, after its YAML was checked.

/** The actions on a detected entity. `tokenize` and `redact` mask it; `passthrough` lets it reach the model. */
export const POLICY_ACTIONS = ['tokenize', 'redact', 'passthrough'] as const;
/** One of `POLICY_ACTIONS`. */
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** The known passes: `regex` and `gemma` (NER) detect, `diarize` attributes. A policy may name others. */
export const DETECTION_PASSES = ['regex', 'gemma', 'diarize'] as const;

/** The settings of one entity kind. */
export type PolicyEntity = Readonly<{
  enabled: boolean;
  action: PolicyAction;
  regex: boolean;
  ner: boolean;
  /** 0 to 1: detections of the NER pass below it are dropped. */
  confidenceThreshold: number;
}>;

/** A key, or the name of a pass, that is not known and has no effect on coverage. */
export type UnreadKey = Readonly<{
  /** Its path. A key can be any text: it is spelt out only where it resembles a known one, and counted otherwise. */
  place: string;
  /** The known key that it resembles; null for none. */
  nearest: string | null;
}>;

/** A parsed masking policy. */
export type Policy = Readonly<{
  name: string;
  version: number;
  passes: readonly string[];
  /** By the key as the policy writes it. A Map, since `__proto__` and `constructor` are legal keys. */
  entities: ReadonlyMap<string, PolicyEntity>;
  audit: Readonly<{
    logEvents: boolean;
    logPayloads: boolean;
    /** Null where the policy states none. */
    retentionDays: number | null;
  }>;
  /** Keys that have no effect, since they are not known. */
  unreadKeys: readonly UnreadKey[];
}>;

/** Keys that the policy lets through unmasked, enabled or not, sorted by UTF-16 code units. */
export function passthroughKinds(policy: Policy): string[] {
  return [...policy.entities]
    .filter(([, entity]) => entity.action === 'passthrough')
    .map(([key]) => key)
    .sort();
}
