import type { Deadline } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../http/context.ts';
import { findSession } from './find-session.ts';
import { issueReport } from './issue-report.ts';
import type { ReportFormat } from './schema.ts';

/** A new report on the session in the format asked for. Fails as `issueReport` does, and as the PDF renderer does. */
export async function makeReport(
  deps: ApiDeps,
  actor: Actor,
  sessionId: string,
  { format, signal, deadline }: { format: ReportFormat; signal: AbortSignal; deadline: Deadline },
): Promise<Uint8Array> {
  if (format === 'json') {
    return await issueReport(deps, actor, sessionId, { form: async (json) => json, signal, deadline });
  }
  const { accountId } = actor;
  // Whoever asks for what is not there hears that, whether or not PDFs can be made.
  await findSession(deps.sessions, accountId, sessionId);
  // Before the log is walked: a caller who cannot be served hears so at once.
  using place = deps.pdf.reserve(accountId);
  return await issueReport(deps, actor, sessionId, {
    form: async (json) => {
      const payloads = await deps.sessions.findPayloads(accountId, sessionId);
      return await place.render(json, signal, payloads);
    },
    signal,
    deadline,
  });
}
