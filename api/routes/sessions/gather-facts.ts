import type { VerifiedLog } from '../../../shared/audit/verdict.ts';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { ApiDeps } from '../../context.ts';

/** All that a report on the session states, as of now. */
export async function gatherFacts(
  deps: ApiDeps,
  session: Session,
  verdict: VerifiedLog,
): Promise<ReportFacts> {
  const { accountId, agentId, policySha256 } = session;
  const [account, names, policy, payloads] = await Promise.all([
    deps.accounts.find(accountId),
    deps.agents.namesById(accountId, [agentId]),
    deps.policies.find(accountId, policySha256),
    deps.sessions.findPayloads(accountId, session.id),
  ]);
  if (!policy) {
    const message =
      'The policy in force during the session is not stored. Import it with its account, then try again.';
    throw new AppError('report_generation_failed', message);
  }
  return {
    id: newId('report'),
    generatedAt: new Date(),
    account: account ?? { id: accountId, name: accountId },
    agent: { id: agentId, name: names.get(agentId) ?? agentId },
    session,
    policy,
    verdict,
    payloads,
    baaChainText: deps.baaChainText,
  };
}
