// What is recorded of a session that has no published row: by a hidden row of its id, and by the reports on it. The row
// of an interrupted import records what its bundle says, and nobody was given a report. Whoever writes to the database
// can hide or delete a published row as well, and no import may then replace the evidence.
import type { Anchor } from '../../shared/audit/log-record.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';

const KEPT =
  'nothing was replaced (import a bundle that gives it; if someone hid the row, unset importing on its row in sessions and verify it)';

/** Compares a bundle's session with its hidden row, or with itself where there is none, and with the reports on it. */
export class PriorRecord {
  readonly #stored: Session;
  readonly #session: Session;
  /** Roots that are not in the checked session itself: the bundle's entries have to give them. */
  readonly #anchors: readonly Anchor[];
  readonly #tree = new CompactRange();
  readonly #roots = new Map<number, string>();

  constructor(stored: Session, reported: readonly Anchor[], session: Session) {
    this.#stored = stored;
    this.#session = session;
    const known = ({ size, rootHex }: Anchor) =>
      size === session.merkleRootSize && rootHex === session.merkleRootHex;
    this.#anchors = logRecordOf(stored, reported).anchors.filter((anchor) => !known(anchor));
    if (this.#anchors.some(({ size }) => size === 0)) this.#roots.set(0, this.#tree.rootHex());
  }

  /** The stored root as it was seen. */
  get rootHex(): string | null {
    return this.#stored.merkleRootHex ?? null;
  }

  /** What no entry of the bundle can mend, as a sentence; null where there is nothing. */
  findClash(): string | null {
    const { log } = this.#stored;
    const { size, seal } = this.#session.log;
    if ((log.seal ?? null) !== null && log.seal !== seal) {
      return `its row is hidden and has another seal than this bundle: ${KEPT}`;
    }
    if (log.size > size) return `its row is hidden and records ${log.size} entries: ${KEPT}`;
    const wasSealed = this.#anchors.some(({ sealed }) => sealed);
    if (wasSealed && seal === null) return `a report saw its log sealed: ${KEPT}`;
    return describe(this.#anchors.find((anchor) => !(anchor.size <= size)));
  }

  /** Takes the bundle's next entry. */
  take(text: string): void {
    if (this.#anchors.length === 0) return;
    this.#tree.appendLeafHash(hashLeaf(Buffer.from(text)));
    const { end } = this.#tree;
    if (this.#anchors.some(({ size }) => size === end)) this.#roots.set(end, this.#tree.rootHex());
  }

  /** A recorded root that the entries taken do not give, as a sentence; null where they give all. */
  findUnproved(): string | null {
    return describe(this.#anchors.find(({ size, rootHex }) => this.#roots.get(size) !== rootHex));
  }
}

function describe(anchor: Anchor | undefined): string | null {
  if (!anchor) return null;
  const by = anchor.source === 'stored' ? 'its hidden row' : 'a report';
  return `this bundle does not give the root that ${by} records over ${anchor.size} entries: ${KEPT}`;
}
