import { type Html, html } from '../markup/html.ts';
import {
  counted,
  factTable,
  hash,
  linesOf,
  NONE,
  name,
  nameList,
  sentence,
  textBlock,
} from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const policyInForce: Section = { title: 'Policy in force', name: 'policy-in-force', body };

function body({ report: { policy, policy_snapshot: text } }: Source): Html {
  const passthrough = policy.passthrough_kinds;
  return html`${factTable('The policy', [
    ['Name', name(policy.name)],
    ['Version', policy.version],
    ['Basis', sentence(policy.basis)],
    ['Reaches the model unmasked', passthrough.length === 0 ? NONE : nameList(passthrough)],
    ['Logs redaction events', policy.logs_events ? 'yes' : 'no'],
    ['Logs payloads', policy.logs_payloads ? 'yes' : 'no'],
    ['Logging', policy.logging],
    ['Text', sizeOf(text)],
    ['SHA-256 of the text', hash(policy.sha256)],
  ])}<h3>Its text</h3>
<p>The attached file holds it byte for byte. Here a mark at the left begins each line that is not empty; text without one
continues the line above it.</p>
${textBlock(text)}`;
}

function sizeOf(text: string): string {
  const end = text.endsWith('\n') ? '' : ', the last without a line feed';
  return `${counted(Buffer.byteLength(text), 'byte')}, ${counted(linesOf(text).length, 'line')}${end}`;
}
