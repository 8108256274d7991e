import { logStateOf } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { presentIdentity } from '../../http/session-summary.ts';

/** The fields of a session's page that come from its row. The fields that come from its log follow them. */
export function presentSessionHead(session: Session, agentName: string) {
  return {
    ...presentIdentity(session, agentName),
    upstream_model: session.upstreamModel,
    log_state: logStateOf(session.log.seal, session.endedAt),
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    metadata: Object.fromEntries(session.metadata ?? []),
    stage_durations_ms: Object.fromEntries(session.stageDurationsMs),
  };
}
