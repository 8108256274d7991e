import { type Html, html } from '../markup/html.ts';
import { counted, factTable, hash, linesOf, NONE, nameList, textBlock } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const policyInForce: Section = { title: 'Policy in force', name: 'policy-in-force', body };

function body({ report: { policy, policy_snapshot: text } }: Source): Html {
  const passthrough = policy.passthrough_kinds;
  return html`${factTable('The policy that the cover names', [
    ['Not masked', passthrough.length === 0 ? NONE : nameList(passthrough)],
    ['Logging', policy.logging],
    ['Text', sizeOf(text)],
    ['SHA-256 of the text', hash(policy.sha256)],
  ])}<p>The text, which the attached file holds byte for byte. A mark at the left begins each line that is not empty; text without one
continues the line above it.</p>
${textBlock(text)}`;
}

function sizeOf(text: string): string {
  const end = text.endsWith('\n') ? '' : ', the last without a line feed';
  return `${counted(Buffer.byteLength(text), 'byte')}, ${counted(linesOf(text).length, 'line')}${end}`;
}
