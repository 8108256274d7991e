// Warns of names that readers do not see, or not as they are written.
import { isShownName, NOT_SHOWN } from '../../shared/accounts/visible-name.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { BundleAgents } from './bundle-agents.ts';
import type { Problems } from './problems.ts';

/** Adds a warning for each such name, which the API would refuse. Blocks nothing: a history is kept as it was written. */
export function warnOfUnseen(
  {
    agents,
    models,
    accountName,
    sessions,
  }: Pick<BundleAgents, 'agents'> &
    Readonly<{
      /** Each model, with the id of a session that used it. */
      models: ReadonlyMap<string, string>;
      accountName: string | undefined;
      sessions: Iterable<Session>;
    }>,
  problems: Problems,
): void {
  const warn = (place: string, names: readonly string[]) => {
    if (!names.every(isShownName)) problems.warn(place, `does not show what it holds: a name ${NOT_SHOWN}`);
  };
  if (accountName !== undefined) warn('the name of the account', [accountName]);
  for (const { id, name } of agents.values()) warn(`the name of ${id}`, [name]);
  for (const [model, sessionId] of models) warn(`the upstream_model of ${sessionId}`, [model]);
  for (const { id, externalId, metadata = [] } of sessions) {
    if (externalId !== undefined) warn(`the external_id of ${id}`, [externalId]);
    warn(
      `the metadata of ${id}`,
      metadata.map(([name]) => name),
    );
  }
}
