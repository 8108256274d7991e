import type { Records } from '../../../shared/audit/judge.ts';
import type { Deadline } from '../../../workers/reports/pool.ts';
import type { Actor, ApiDeps } from '../../context.ts';
import { issueReport } from './issue-report.ts';
import type { ReportFormat } from './schema.ts';

/** A new report on the session in the format asked for. Fails as `issueReport` does, and as the PDF renderer does. */
export async function makeReport(
  deps: ApiDeps,
  actor: Actor,
  records: Records,
  { format, signal, deadline }: { format: ReportFormat; signal: AbortSignal; deadline: Deadline },
): Promise<Uint8Array> {
  if (format === 'json') {
    return await issueReport(deps, actor, records, { form: async (json) => json, signal, deadline });
  }
  const { session } = records;
  // Before the log is walked: a caller who cannot be served hears so at once.
  using place = deps.pdf.reserve(session.accountId);
  return await issueReport(deps, actor, records, {
    form: async (json) => {
      const payloads = await deps.sessions.findPayloads(session.accountId, session.id);
      return await place.render(json, signal, payloads);
    },
    signal,
    deadline,
  });
}
