import { type Html, html } from '../markup/html.ts';
import { sentence } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const retention: Section = { title: 'Retention', name: 'retention', body };

function body({ report: { retention: stated } }: Source): Html {
  return html`<p>${sentence(stated.statement)}</p>\n`;
}
