// The first session of a small bundle under test/data/cases, as facts of a report.
import { readdirSync, readFileSync } from 'node:fs';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import { factsOf } from './report-facts.ts';

type AgentRow = Readonly<{ id: string; name: string }>;
type SessionRow = Readonly<{ upstream_model: string; payloads: ReportFacts['payloads'] }>;

/** With the name, model, policy and payloads of the bundle; an account has no name in a bundle. */
export function caseFacts(name: string, accountName: string): ReportFacts {
  const folder = new URL(`../data/cases/${name}/`, import.meta.url);
  const firstRow = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(file, folder), 'utf8').split('\n')[0] as string);
  const { id, name: agentName } = firstRow('agents.ndjson') as AgentRow;
  const { upstream_model: upstreamModel, payloads } = firstRow('sessions.ndjson') as SessionRow;
  const [policy] = readdirSync(new URL('policies/', folder));
  return factsOf({
    account: { ...factsOf().account, name: accountName },
    agent: { id, name: agentName },
    session: { upstreamModel },
    policyText: readFileSync(new URL(`policies/${policy}`, folder), 'utf8'),
    payloads,
  });
}
