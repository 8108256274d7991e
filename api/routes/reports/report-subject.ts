// What a report over many sessions is about, from what was asked for.
import { AppError } from '../../../shared/errors/app-error.ts';
import { resolveReportWindow, type WindowQuery } from '../../../shared/reports/report-window.ts';
import type { ReportWindow, WideSubject } from '../../../shared/reports/subject.ts';
import type { ApiDeps } from '../../http/context.ts';

/** All of the account's sessions in the window. Throws `validation_failed` for a window that cannot be. */
export function accountSubject(query: WindowQuery): WideSubject {
  return { scope: 'account', window: windowOf(query) };
}

/**
 * An agent's sessions in the window. Throws as `accountSubject` does, and then the same `agent_not_found` for a malformed
 * id (null), an unknown one and another account's. A deleted agent's sessions still report.
 */
export async function agentSubject(
  { agents }: Pick<ApiDeps, 'agents'>,
  accountId: string,
  agentId: string | null,
  query: WindowQuery,
): Promise<WideSubject> {
  const window = windowOf(query);
  const names = agentId === null ? null : await agents.namesById(accountId, [agentId]);
  if (agentId === null || !names?.has(agentId)) {
    throw new AppError('agent_not_found', 'The account has no such agent.');
  }
  return { scope: 'agent', agentId, window };
}

function windowOf(query: WindowQuery): ReportWindow {
  const resolved = resolveReportWindow(query, new Date());
  if (resolved.ok) return resolved.window;
  throw new AppError('validation_failed', resolved.problem, { param: resolved.param });
}
