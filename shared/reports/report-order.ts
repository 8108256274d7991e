// What is ordered of a report in the background, and the statement over it. Whoever writes to the database can change an order,
// or put one there: a deployment with a key makes, and tells of, only what its API signed when it took the order.
import { hash } from 'node:crypto';
import { canonicalize } from '../audit/canonical-json.ts';
import { presentTime } from '../time/present-time.ts';
import type { LogIdentity } from '../transparency/log-origin.ts';
import type { SignStatement } from '../transparency/statement-signer.ts';
import { isStatementOf } from '../transparency/verify-statement.ts';
import type { Paper } from './paper.ts';
import { oddWindow } from './report-window.ts';
import type { WideSubject } from './subject.ts';
import type { WideFormat } from './wide-formats.ts';

/** What is ordered. `id` becomes the report's own. */
export type ReportJobOrder = Readonly<{
  id: string;
  userId: string;
  /** The asker's name, which the report states. */
  userName: string;
  subject: WideSubject;
  exceptions: 'refuse' | 'list';
  format: WideFormat;
  /** Of a PDF's pages. */
  paper: Paper;
}>;

/** An order with whose it is, and when it was taken. */
export type TakenOrder = ReportJobOrder &
  Readonly<{
    accountId: string;
    orderedAt: Date;
    /**
     * Entries that a signed checkpoint of the account log covered then: none of them is of the report. Absent of a deployment
     * that signs nothing, and of orders from before it was kept.
     */
    logSize?: number;
  }>;

/** The statement over an order that this process has just taken; null where it has no signing key. */
export async function signOrder(sign: SignStatement, order: TakenOrder): Promise<string | null> {
  return await sign(order.accountId, {
    subject: 'order',
    reportId: order.id,
    sha256Hex: digestOf(order),
    generatedAt: presentTime(order.orderedAt),
  });
}

const UNSIGNED =
  'No key of this deployment signed what the stored order says: somebody changed its row or put it there, an earlier version took the order, or the API runs with another SIGNING_KEY. No report is made or handed out by it: order the report again. Unless the service was upgraded since, have the operator run npm run verify -- --all.';

/**
 * As a sentence, why nothing may be made, told or handed out by a stored order; null where it holds. `identity`: null without a
 * signing key, whose orders bear no statement.
 */
export function orderFault(
  identity: LogIdentity | null,
  order: TakenOrder,
  statement: string | undefined,
): string | null {
  if (identity !== null && !isSigned(identity, order, statement)) return UNSIGNED;
  const odd = oddWindow(order.subject.window, order.orderedAt);
  return odd && `Nobody can have asked for what the stored order says: ${odd}. Order the report again.`;
}

function isSigned(identity: LogIdentity, order: TakenOrder, statement: string | undefined): boolean {
  if (statement === undefined) return false;
  const stated = { subject: 'order', reportId: order.id, sha256Hex: digestOf(order) } as const;
  return isStatementOf(identity, order.accountId, stated, statement);
}

/** SHA-256 of the canonical JSON of all that an order says. */
function digestOf({ accountId, orderedAt, subject, logSize, ...order }: TakenOrder): string {
  const { since, until, tz, period } = subject.window;
  const said = {
    report_id: order.id,
    account_id: accountId,
    ordered_at: orderedAt.toISOString(),
    user_id: order.userId,
    user_name: order.userName,
    agent_id: subject.scope === 'agent' ? subject.agentId : null,
    since: since.toISOString(),
    until: until.toISOString(),
    tz,
    period,
    exceptions: order.exceptions,
    format: order.format,
    paper: order.paper,
    ...(logSize !== undefined && { log_size: logSize }),
  };
  return hash('sha256', canonicalize(said));
}
