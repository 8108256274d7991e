// What an export holds beside sessions: names and policies, the ledger, the account log.
import { writeFile } from 'node:fs/promises';
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { createLoggedPolicies } from '../../shared/policy/logged-policies.ts';
import { createPolicyRepository, type PolicySummary } from '../../shared/policy/policy-repository.ts';
import { listReports } from '../../shared/reports/fleet-ledger.ts';
import { createLoggedReports } from '../../shared/reports/logged-reports.ts';
import { createLoggedSessions } from '../../shared/sessions/logged-sessions.ts';
import { createLogHeads } from '../../shared/transparency/log-heads.ts';
import { createLogSegments } from '../../shared/transparency/log-segments.ts';
import { formatAccount } from '../bundle/account-json.ts';
import { checkpointLine, segmentLine } from '../bundle/account-log-lines.ts';
import { reportLine } from '../bundle/report-line.ts';
import { findUnheld } from '../import/find-unheld.ts';
import { type PartFolder, writeLines } from './part-folder.ts';

type Place = Readonly<{ db: Db; accountId: string; folder: PartFolder }>;

/**
 * The ledger and the account log. Must come before the sessions: what they state of a log is then in the log that is
 * exported. Resolves to how many there are, and to how many rows of the ledger are no report's.
 */
export async function writeRecords({ db, accountId, folder }: Place) {
  let odd = 0;
  const lines = reportLines(db, accountId, () => {
    odd += 1;
  });
  const reports = await writeLines(folder.pathOf('reports.ndjson'), lines);
  let logged = 0;
  const onSegment = (entries: number) => {
    logged += entries;
  };
  const log = await writeLines(folder.pathOf('account-log.ndjson'), logLines(db, accountId, onSegment));
  return { counts: { reports, log_lines: log, logged }, odd };
}

/** What the account log has and the database lacks, so that it is not in the export either: a sentence each. */
export async function findMissing(db: Db, accountId: string): Promise<string[]> {
  const deps = {
    segments: createLogSegments(db),
    sessions: createLoggedSessions(db),
    policies: createLoggedPolicies(db),
    reports: createLoggedReports(db),
  };
  const found = await findUnheld(deps, accountId);
  return found.map(({ what, named }) => `the account log holds ${what}: ${RESTORE}: ${named}`);
}

const RESTORE = 'restore them from a backup; npm run verify -- --all says what is wrong with each';

/**
 * Name, agents and policies. Must come after the sessions, each of which names an agent and a policy. `logSize`: entries of
 * the account log by now; null where it is not known how many were written.
 */
export async function writeNames(
  { db, accountId, folder }: Place,
  { name, logSize }: Readonly<{ name: string; logSize: number | null }>,
) {
  const paper = await createAccountRepository(db).findChosenPaper(accountId);
  await writeLines(
    folder.pathOf('account.json'),
    one(formatAccount({ id: accountId, name, paper, logSize })),
  );
  const agents = await writeLines(folder.pathOf('agents.ndjson'), agentLines(db, accountId));
  return { agents, ...(await writePolicies({ db, accountId, folder })) };
}

async function* one(line: string): AsyncGenerator<string> {
  yield line;
}

async function* reportLines(db: Db, accountId: string, onOdd: () => void): AsyncGenerator<string> {
  for await (const entry of listReports(db, accountId)) {
    if (entry === null) onOdd();
    else yield reportLine(accountId, entry);
  }
}

async function* logLines(
  db: Db,
  accountId: string,
  onSegment: (entries: number) => void,
): AsyncGenerator<string> {
  // Before the segments: they then hold all that it covers.
  const { checkpoint } = await createLogHeads(db).find(accountId);
  if (checkpoint) yield checkpointLine(checkpoint);
  for await (const segment of createLogSegments(db).readOn(accountId)) {
    onSegment(segment.entries.length);
    yield segmentLine(segment);
  }
}

async function* agentLines(db: Db, accountId: string): AsyncGenerator<string> {
  for await (const { id, name, policyName } of createAgentRepository(db).walk(accountId)) {
    yield canonicalize({ id, account_id: accountId, name, policy_name: policyName });
  }
}

const PAGE = 100;

async function writePolicies({ db, accountId, folder }: Place) {
  const repository = createPolicyRepository(db);
  const problems: string[] = [];
  let policies = 0;
  for (let after: PolicySummary | null = null; ; ) {
    const page = await repository.list(accountId, { after, limit: PAGE });
    for (const { name, version, sha256Hex } of page) {
      const file = `${name}@${version}.yaml`;
      const policy = await repository.find(accountId, sha256Hex);
      if (!policy || !isFileName(file)) {
        problems.push(`policy ${name}@${version}: ${policy ? NO_FILE_NAME : 'it cannot be read'}`);
        continue;
      }
      await writeFile(folder.pathOf(`policies/${file}`), policy.text, { mode: 0o600, flush: true });
      policies += 1;
    }
    after = page.at(-1) ?? null;
    if (after === null) return { policies, problems };
  }
}

const NO_FILE_NAME = 'its name cannot be that of a file, and sessions under it cannot be imported';
const LONGEST = 255;

function isFileName(name: string): boolean {
  return !/[/\0]/.test(name) && !name.startsWith('.') && Buffer.byteLength(name) <= LONGEST;
}
