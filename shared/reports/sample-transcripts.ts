import { type Policy, passthroughKinds } from '../policy/policy.ts';
import type { SessionPayloads } from '../sessions/session.ts';
import type { LeakFinder } from './leak-finder.ts';
import { isTooLong } from './leak-text.ts';
import type { Report } from './report-schema.ts';
import type { MaskedText, Transcripts } from './transcripts.ts';
import { SAMPLE_STATEMENT } from './wording.ts';

/** Samples in a report. */
const SAMPLE_LIMIT = 20;
/** Code points of one sample. */
const SAMPLE_LENGTH_LIMIT = 2000;

/**
 * `sample_transcripts`: the first masked texts in the order of their paths, or the sentence that says why there are
 * none. Shows none where the policy lets a kind through, where it was reloaded, or where a text is not proved to be
 * masked. Leaves out texts in which `finder` finds what must not leave, in their paths too, and texts too long to be
 * searched, and counts them.
 */
export function sampleTranscripts(
  policy: Policy,
  policyReloaded: boolean,
  payloads: SessionPayloads | null,
  transcripts: Transcripts,
  finder: LeakFinder,
): Report['sample_transcripts'] {
  const obstacle = findObstacle(policy, policyReloaded, payloads, transcripts);
  const texts = obstacle === null ? transcripts.maskedTexts : [];
  const samples: MaskedText[] = [];
  let passedOver = 0;
  for (const sample of texts) {
    if (samples.length === SAMPLE_LIMIT) break;
    // The whole text, though a part is shown: the cut may go through an original. And that part: a cut makes a number
    // of a longer one, and a name of a longer word.
    const texts = [sample.text, sample.path, shownPart(sample.text)];
    if (texts.some((text) => isTooLong(text) || finder.find(text).length > 0)) passedOver += 1;
    else samples.push(sample);
  }
  const nothingLeft = samples.length === 0 ? 'leaking' : 'shown';
  return {
    statement: SAMPLE_STATEMENT[obstacle ?? nothingLeft],
    texts_total: texts.length,
    samples: samples.map(presentSample),
    left_out: { may_leak: passedOver, over_bound: transcripts.overBound },
  };
}

function presentSample({ path, text }: MaskedText): Report['sample_transcripts']['samples'][number] {
  const shown = shownPart(text);
  return { path, text: shown, truncated: shown.length < text.length };
}

function shownPart(text: string): string {
  return [...text].slice(0, SAMPLE_LENGTH_LIMIT).join('');
}

function findObstacle(
  policy: Policy,
  policyReloaded: boolean,
  payloads: SessionPayloads | null,
  transcripts: Transcripts,
): Exclude<keyof typeof SAMPLE_STATEMENT, 'shown' | 'leaking'> | null {
  if (!policy.audit.logPayloads) return payloads === null ? 'notLogged' : 'againstPolicy';
  if (payloads === null) return 'notStored';
  if (passthroughKinds(policy).length > 0) return 'passthrough';
  if (policyReloaded) return 'reloaded';
  if (transcripts.overBound > 0) return 'overBound';
  if (!transcripts.aligned) return 'unaligned';
  return transcripts.maskedTexts.length === 0 ? 'unmasked' : null;
}
