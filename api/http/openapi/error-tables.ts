// The tables of errors in Markdown, as README has them.
import { REASON_TABLE, SENT_ERRORS } from '../error-table.ts';

export const ERRORS_MARKDOWN = table(
  ['status', 'code', 'what happened', 'what helps'],
  Object.entries(SENT_ERRORS).map(([code, { status, meaning, remedy }]) => [
    String(status),
    `\`${code}\``,
    meaning,
    remedy,
  ]),
);

export const REASONS_MARKDOWN = table(
  ['`reason`', 'what happened', 'try again'],
  Object.entries(REASON_TABLE).map(([reason, { meaning, remedy }]) => [`\`${reason}\``, meaning, remedy]),
);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
