import { type Html, html } from '../markup/html.ts';
import { sentence, textBlock } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const baaChain: Section = { title: 'BAA chain', name: 'baa-chain', body };

function body({ report: { baa_chain: stated } }: Source): Html {
  return html`<p>${sentence(stated.statement)}</p>
${stated.text === null ? '' : textBlock(stated.text)}`;
}
