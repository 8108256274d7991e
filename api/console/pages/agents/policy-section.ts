import { coverageTable } from '../../markup/coverage-table.ts';
import { facts } from '../../markup/facts.ts';
import { type Html, html } from '../../markup/html.ts';
import { time } from '../../markup/time.ts';
import type { PolicyInForce } from './read-agent.ts';

/** The policy version in force and its coverage. `timeZone` is the reader's. */
export function policySection(policy: PolicyInForce | null, timeZone: string): Html {
  if (policy === null)
    return html`<p>No session of this agent is stored, so no version was in force yet.</p>`;
  const { use, reading } = policy;
  const hash = html`<code>${use.sha256Hex}</code>`;
  return html`${facts([
    ['In force', html`<strong>${use.name}</strong>, version ${String(use.version)}`],
    ['Seen in its newest session', time(use.startedAt, timeZone)],
    ['SHA-256 of its text', reading === null ? hash : html`<a href="/policies/${use.sha256Hex}">${hash}</a>`],
  ])}
${coverageOf(reading)}`;
}

function coverageOf(reading: PolicyInForce['reading']): Html {
  if (reading === null) {
    return html`<p class="notice doubt">The text of this version is not stored, so its coverage cannot be computed. Import the policy with the agent’s sessions.</p>`;
  }
  if (!reading.ok) {
    return html`<p class="notice doubt">The text of this version cannot be read, so its coverage is not known: ${reading.problems.join('; ')}</p>`;
  }
  return coverageTable(reading.coverage);
}
