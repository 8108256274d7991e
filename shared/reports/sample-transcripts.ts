import { type Policy, passthroughKinds } from '../policy/policy.ts';
import type { SessionPayloads } from '../sessions/session.ts';
import type { Report } from './report-schema.ts';
import type { Transcripts } from './transcripts.ts';
import { SAMPLE_STATEMENT } from './wording.ts';

/** Samples in a report. */
const SAMPLE_LIMIT = 20;
/** Code points of one sample. */
const SAMPLE_LENGTH_LIMIT = 2000;

/**
 * `sample_transcripts`: the first masked texts in the order of their paths, or the sentence that says why there are
 * none. Shows none where the policy lets a kind through, where it was reloaded, or where a text is not proved to be
 * masked.
 */
export function sampleTranscripts(
  policy: Policy,
  policyReloaded: boolean,
  payloads: SessionPayloads | null,
  transcripts: Transcripts,
): Report['sample_transcripts'] {
  const obstacle = findObstacle(policy, policyReloaded, payloads, transcripts);
  const texts = obstacle === null ? transcripts.maskedTexts : [];
  return {
    statement: obstacle === null ? SAMPLE_STATEMENT.shown : SAMPLE_STATEMENT[obstacle],
    texts_total: texts.length,
    samples: texts.slice(0, SAMPLE_LIMIT).map(({ path, text }) => {
      const shown = [...text].slice(0, SAMPLE_LENGTH_LIMIT).join('');
      return { path, text: shown, truncated: shown.length < text.length };
    }),
  };
}

function findObstacle(
  policy: Policy,
  policyReloaded: boolean,
  payloads: SessionPayloads | null,
  transcripts: Transcripts,
): Exclude<keyof typeof SAMPLE_STATEMENT, 'shown'> | null {
  if (!policy.audit.logPayloads) return payloads === null ? 'notLogged' : 'againstPolicy';
  if (payloads === null) return 'notStored';
  if (passthroughKinds(policy).length > 0) return 'passthrough';
  if (policyReloaded) return 'reloaded';
  if (!transcripts.aligned) return 'unaligned';
  return transcripts.maskedTexts.length === 0 ? 'unmasked' : null;
}
