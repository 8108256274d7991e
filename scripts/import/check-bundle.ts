// The first pass over a bundle: checks everything and writes nothing. Memory holds one row per session and the state of
// its log's walk, never the entries.
import { type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { BundleAgents } from './bundle-agents.ts';
import type { BundleFiles } from './bundle-files.ts';
import { type BundlePolicy, readPolicies } from './bundle-policies.ts';
import { checkEntries, type EntryCounts } from './check-entries.ts';
import { checkRows } from './check-rows.ts';
import { nameFaults } from './name-faults.ts';
import { nameSome, type Problems } from './problems.ts';
import { warnOfContacts, warnOfExternalIds } from './warn-of-contacts.ts';
import { warnOfUnseen } from './warn-of-unseen.ts';

export type CheckedBundle = BundleAgents &
  Readonly<{
    files: BundleFiles;
    policies: ReadonlyMap<string, BundlePolicy>;
    /** Sessions without a problem, as they will be stored, by id. */
    sessions: ReadonlyMap<string, Session>;
    entries: EntryCounts;
    /**
     * Ids of agents and policies (`NAME@VERSION`) that only refused sessions name. They are not stored: a damaged policy
     * would stand in the way of the true one.
     */
    unproved: ReadonlySet<string>;
    /** Ids of sessions that are refused. */
    refused: ReadonlySet<string>;
    /** Rows of `sessions.ndjson` that are refused and whose session is not known. */
    unreadRows: number;
    /** One more than the last entry of the account log that a row of a session names; 0 where none does. */
    namedSize: number;
    problems: Problems;
  }>;

/**
 * Checks policies, session rows and every chain. A bad line becomes a problem with its file and line, a failed session a
 * problem with its id. Throws a `RefusedBundle` when the bundle holds more than one account or a cut file.
 */
export async function checkBundle(
  files: BundleFiles,
  bundle: BundleAgents,
  {
    auditKeys,
    accountName,
    refusedLimit,
  }: Readonly<{
    auditKeys: readonly AuditKeyBytes[];
    accountName: string | undefined;
    refusedLimit?: number | undefined;
  }>,
  problems: Problems,
): Promise<CheckedBundle> {
  const policies = await readPolicies(files.policies, problems);
  const keyring = createKeyring(auditKeys);
  const { logs, refused, unreadRows, named, models, namedSize } = await checkRows(files.sessions, {
    ...bundle,
    policies,
    auditKeys,
    keyring,
    problems,
    refusedLimit,
  });
  warnOfContacts({ ...bundle, policies, models, accountName }, problems);
  const entries = await checkEntries(files.audit, { logs, refused, problems });
  await nameFaults(files.audit, logs);

  const sessions = new Map<string, Session>();
  // Of the sessions that are taken alone: one that is refused keeps no other one out.
  const byExternalId = new Map<string, string>();
  for (const [id, log] of logs) {
    const outcome = log.judge();
    const problem = outcome.ok ? takeExternalId(byExternalId, outcome.session) : outcome.problem;
    if (outcome.ok && problem === null) {
      sessions.set(id, outcome.session);
      continue;
    }
    refused.add(id);
    problems.add(id, problem as string);
  }
  warnOfExternalIds(sessions.values(), problems);
  warnOfUnseen({ ...bundle, models, accountName, sessions: sessions.values() }, problems);
  warnOfUnsealed(sessions.values(), problems);
  const unproved = named.difference(new Set(sessions.values().flatMap(namesOf)));
  return {
    ...bundle,
    files,
    policies,
    sessions,
    unproved,
    entries,
    refused,
    unreadRows,
    namedSize,
    problems,
  };
}

/** The bundle without some of its sessions, of which the problems are noted. */
export function refuseSessions(bundle: CheckedBundle, found: ReadonlyMap<string, string>): CheckedBundle {
  if (found.size === 0) return bundle;
  for (const [id, problem] of found) bundle.problems.add(id, problem);
  const sessions = new Map([...bundle.sessions].filter(([id]) => !found.has(id)));
  const spokenFor = new Set(sessions.values().flatMap(namesOf));
  const unproved = new Set(bundle.sessions.values().flatMap(namesOf)).difference(spokenFor);
  return {
    ...bundle,
    sessions,
    refused: bundle.refused.union(found),
    unproved: bundle.unproved.union(unproved),
  };
}

/** The agent and the policy version that a session names. */
function namesOf(session: Session): string[] {
  return [session.agentId, policyIdOf(session)];
}

/** Notes whose the external id of a session is; or gives the problem of a session whose external id another one has. */
function takeExternalId(taken: Map<string, string>, { id, externalId }: Session): string | null {
  if (externalId === undefined) return null;
  const first = taken.get(externalId);
  if (first !== undefined) {
    return `its external_id is that of ${first}, too, and an account has each once: give one of the two another in sessions.ndjson, which no seal covers`;
  }
  taken.set(externalId, id);
  return null;
}

function warnOfUnsealed(sessions: Iterable<Session>, problems: Problems): void {
  const unsealed = [...sessions].filter(({ endedAt, log }) => endedAt !== null && log.seal === null);
  if (unsealed.length === 0) return;
  const ids = new Set(unsealed.map(({ id }) => id));
  problems.warn(
    'sessions.ndjson',
    `${ids.size} sessions ended and their logs are unsealed, so their tails may have been cut: ${nameSome(ids)}`,
  );
}

function policyIdOf({ policyName, policyVersion }: Session): string {
  return `${policyName}@${policyVersion}`;
}
