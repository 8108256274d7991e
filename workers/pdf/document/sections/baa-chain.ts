import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { sentence, textBlock } from '../markup/parts.ts';
import type { SharedSection, Source } from './section.ts';

export const baaChain: SharedSection = { title: 'BAA chain', name: 'baa-chain', body };

function body({ report: { baa_chain: stated } }: Source<AnyReport>): Html {
  return html`<p>${sentence(stated.statement)}</p>
${stated.text === null ? '' : textBlock(stated.text)}`;
}
