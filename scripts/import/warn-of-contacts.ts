// Warns of contact addresses and numbers in texts that reports state.
import { describeShapes } from '../../shared/reports/leak-shapes.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { BundleAgents } from './bundle-agents.ts';
import type { BundlePolicy } from './bundle-policies.ts';
import type { Problems } from './problems.ts';

/**
 * Adds a warning for each account name, agent name, policy text and model that holds the shape of an identifier. Blocks
 * nothing: the operator's own words are no caller's data, but a report carries them to whoever reads it.
 */
export function warnOfContacts(
  {
    agents,
    policies,
    models,
    accountName,
  }: BundleAgents &
    Readonly<{
      policies: ReadonlyMap<string, BundlePolicy>;
      /** Each model, with the id of a session that used it. */
      models: ReadonlyMap<string, string>;
      accountName: string | undefined;
    }>,
  problems: Problems,
): void {
  const warn = (place: string, text: string, remedy: string) => {
    const found = describeShapes(text);
    if (found) problems.warn(place, `holds what reads as ${found}, and reports state it; ${remedy}`);
  };
  if (accountName !== undefined) warn('--account-name', accountName, `if it is private, give another name`);
  for (const { id, name } of agents.values()) {
    warn(`the name of ${id}`, name, 'if it is private, change agents.ndjson and import with --rename');
  }
  for (const [id, { text }] of policies) {
    warn(`policies/${id}.yaml`, text, 'if it is private, leave it out of the next policy version');
  }
  for (const [model, sessionId] of models) {
    warn(`the upstream_model of ${sessionId}`, model, 'if it is private, name the model without it');
  }
}

/**
 * Adds a warning for each external id that holds the shape of an identifier: the session is taken, and the leak scan refuses
 * each report that states the id. `PUT /sessions/{id}` takes no such one.
 */
export function warnOfExternalIds(sessions: Iterable<Session>, problems: Problems): void {
  for (const { id, externalId } of sessions) {
    const found = externalId === undefined ? null : describeShapes(externalId);
    if (found === null) continue;
    problems.warn(
      `the external_id of ${id}`,
      `holds what reads as ${found}, so that no report on the session is issued (leak_scan); give it one that says nothing of a caller in sessions.ndjson, before it is imported`,
    );
  }
}
