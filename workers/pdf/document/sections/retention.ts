import { type Html, html } from '../markup/html.ts';
import { counted, factTable, sentence } from '../markup/parts.ts';
import type { Section, Source } from './section.ts';

export const retention: Section = { title: 'Retention', name: 'retention', body };

function body({ report: { retention: stated } }: Source): Html {
  const days = stated.policy_retention_days;
  return html`<p>${sentence(stated.statement)}</p>
${factTable('Retention period', [['Stated by the policy', days === null ? 'none' : counted(days, 'day')]])}`;
}
