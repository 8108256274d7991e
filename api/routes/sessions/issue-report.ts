// Issues a report on a session to an admitted caller.
import type { Paper } from '../../../shared/reports/paper.ts';
import type { PdfPlace } from '../../../workers/pdf/pdf.ts';
import { issueSession, type ReportFormat } from '../../../workers/reports/pool.ts';
import { askerOf, choosePaper } from '../../http/choose-paper.ts';
import type { Actor, ApiDeps } from '../../http/context.ts';
import { assertSession } from './find-session.ts';
import type { ReportDeadline } from './report-deadline.ts';

export type ReportDeps = Pick<
  ApiDeps,
  | 'accounts'
  | 'sessions'
  | 'pool'
  | 'pdf'
  | 'ledger'
  | 'recordOutcome'
  | 'signStatement'
  | 'checkpointMemory'
  | 'metrics'
  | 'baaChainText'
>;

type ReportWanted = Readonly<{
  format: ReportFormat;
  /** The account's where the caller names none. */
  paper?: Paper | undefined;
  signal: AbortSignal;
  deadline: ReportDeadline;
}>;

/** The bytes of a new report on the session, in the given format. Throws as `issueSession` does. */
export async function issueReport(
  deps: ReportDeps,
  actor: Actor,
  sessionId: string,
  { format, paper, signal, deadline }: ReportWanted,
): Promise<Uint8Array> {
  const { accountId } = actor;
  using place = format === 'pdf' ? await reservePlace(deps, accountId, sessionId) : null;
  deadline.printer = place;
  const order = {
    ...{ accountId, sessionId, baaChainText: deps.baaChainText, format },
    issuedTo: askerOf(actor),
    paper: await choosePaper(deps, accountId, { format, paper }),
  };
  return await issueSession(deps, order, { place, signal, deadline });
}

/** Called before the log is walked, so that a full PDF queue refuses the caller at once. */
async function reservePlace(
  deps: Pick<ApiDeps, 'sessions' | 'pdf'>,
  accountId: string,
  sessionId: string,
): Promise<PdfPlace> {
  // Checked first: a missing session is a 404 even where no PDF can be made.
  await assertSession(deps, accountId, sessionId);
  return deps.pdf.reserve(accountId);
}
