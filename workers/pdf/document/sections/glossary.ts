import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { namesInFull } from './names.ts';
import type { SharedSection, Source } from './section.ts';

export const glossary: SharedSection = { title: 'Glossary', name: 'glossary', body };

/** In the order of the alphabet. */
const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'Account log',
    'One log an account, of its closed sessions, policies and reports; signed checkpoints cover it.',
  ],
  ['Anchor', 'A Merkle root that was fixed earlier, and that the log has to give again at that size.'],
  ['Audit key', 'The secret key of the hash chain and of the seal.'],
  ['Checkpoint', 'A signed note: how many entries the account log has, and their Merkle root.'],
  ['Coverage', 'What the policy is configured to detect and mask of one identifier; no measure of accuracy.'],
  ['Entry', 'One line of an audit log. Its number in the log is its sequence, from 0.'],
  ['Hash chain', 'Each entry holds an HMAC over itself and the entry before it.'],
  ['Kind', 'What was masked: NAME, PHONE and so on; or the kind of an entry that is no redaction.'],
  ['Merkle root', 'One digest over all entries (RFC 6962). Any change of any entry gives another.'],
  ['Pass', 'The detector that found it: regex for patterns, gemma for a language model.'],
  ['Passthrough', 'A kind that the policy lets reach the model unmasked.'],
  ['Policy', 'The file that says what is detected, masked and logged.'],
  ['Redaction', 'An identifier that was replaced before the text reached the model.'],
  ['Rehydration failure', 'A token in a reply that could not be turned back into what it stood for.'],
  [
    'Safe Harbor',
    '45 CFR 164.514(b)(2): 18 identifiers to be removed before health data count as de-identified.',
  ],
  ['Seal', "An HMAC over a closed log's facts. Without one nobody knows that the log's end is its end."],
  ['Session', 'One call of a voice agent.'],
  [
    'Unsealed',
    'Of a log whose session has ended: it has no seal, and entries may have been cut off its end.',
  ],
];

function body({ report }: Source<AnyReport>): Html {
  return html`<div class="columns terms">
${TERMS.map(([term, meaning]) => html`<p><span class="strong">${term}.</span> ${meaning}</p>\n`)}</div>
${namesInFull(report)}`;
}
