// What a report states of its caller, and the paper that it is printed on.
import { DEFAULT_PAPER, type Paper } from '../../shared/reports/paper.ts';
import type { Asker } from '../../shared/reports/report-facts.ts';
import type { Actor, ApiDeps } from './context.ts';

/** The caller, as a report names it. */
export function askerOf({ userId: id, userName: name }: Actor): Asker {
  return { id, name };
}

/** The paper that the caller names, or else the account's. Only a PDF has pages. */
export async function choosePaper(
  { accounts }: Pick<ApiDeps, 'accounts'>,
  accountId: string,
  { format, paper }: Readonly<{ format: string; paper?: Paper | undefined }>,
): Promise<Paper> {
  if (format !== 'pdf') return DEFAULT_PAPER;
  return paper ?? (await accounts.findPaper(accountId));
}
