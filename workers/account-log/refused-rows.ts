// Rows that are due for the account log and that the keeper cannot vouch for: nobody signed them, or not as they are. They
// stay due, and an operator is told, or nobody would ever look at them.
import type { KeeperDeps } from './keeper-deps.ts';

/**
 * `unsigned`: a report without a statement, as a version or a process without a signing key records it, or as somebody wrote
 * it. `forged`: its statement is not one that this deployment signed over the row. `misformed`: no writer of ours writes such
 * a row. `contradicting`: the log has another entry on the report.
 */
export type Refusal = 'unsigned' | 'forged' | 'misformed' | 'contradicting';

/** What was refused of an account's rows. */
export class RefusedRows {
  readonly #counts = new Map<Refusal, number>();
  readonly #named: string[] = [];

  /** `id`: whatever the row has; only text is shown. */
  add(kind: Refusal, id: unknown): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (typeof id === 'string' && this.#named.length < NAMED) this.#named.push(id);
  }

  /** How many rows of each kind. */
  get counts(): Readonly<Partial<Record<Refusal, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** The ids of the first. */
  get named(): readonly string[] {
    return this.#named;
  }

  /** Rows that somebody wrote or changed. */
  get forged(): number {
    const { forged = 0, misformed = 0, contradicting = 0 } = this.counts;
    return forged + misformed + contradicting;
  }
}

/** Ids in a line: whoever writes to the database can make any number of rows. */
const NAMED = 10;

/** Writes one line an hour for an account, and keeps the count for /health and the metrics. */
export async function tellRefused(
  { heads, log, isToTell }: Pick<KeeperDeps, 'heads' | 'log' | 'isToTell'>,
  accountId: string,
  refused: RefusedRows,
): Promise<void> {
  await heads.noteRefused(accountId, refused.forged);
  const { counts, named } = refused;
  if (Object.keys(counts).length === 0 || !isToTell(`${accountId} ${JSON.stringify(counts)}`)) return;
  log.error(
    { account_id: accountId, ...counts, rows: named },
    'rows are due for the account log and get no entry: nobody signed them as they are, or the log has another entry on them',
  );
}
