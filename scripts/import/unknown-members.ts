// What entries of a bundle hold that this program does not know. It is stored and hashed like the rest, and warned of:
// what it means is in no report.
import { POLICY_RELOADED, REDACTION, REHYDRATION_FAILED } from '../../shared/audit/entry.ts';
import { nameSome, type Problems, quoteName } from './problems.ts';
import type { Line } from './read-lines.ts';

/** The members of audit-format "Entry". */
const KNOWN_MEMBERS = new Set([
  ...['seq', 'ts', 'event_id', 'session_id', 'agent_id', 'kind', 'prev_hash', 'this_hash'],
  ...['pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid', 'reason'],
]);
/** Entries of other kinds have members of their own. */
const DESCRIBED_KINDS: ReadonlySet<unknown> = new Set([REDACTION, REHYDRATION_FAILED]);

export class UnknownMembers {
  /** Names and kinds, each with the line that has it first. */
  readonly #members = new Map<string, string>();
  readonly #kinds = new Map<string, string>();
  #entries = 0;

  note(entry: Readonly<Record<string, unknown>>, { file, number }: Line): void {
    const { kind } = entry;
    const place = `${file}:${number}`;
    if (DESCRIBED_KINDS.has(kind)) {
      const unknown = Object.keys(entry).filter((name) => !KNOWN_MEMBERS.has(name));
      if (unknown.length === 0) return;
      for (const name of unknown) add(this.#members, name, place);
    } else if (typeof kind === 'string' && kind !== POLICY_RELOADED) add(this.#kinds, kind, place);
    else return;
    this.#entries += 1;
  }

  warn(file: string, problems: Problems): void {
    if (this.#entries === 0) return;
    const what = [
      ...(this.#members.size > 0 ? [`members ${describe(this.#members)}`] : []),
      ...(this.#kinds.size > 0 ? [`kinds ${describe(this.#kinds)}`] : []),
    ];
    problems.warn(
      file,
      `${this.#entries} entries have members or a kind that are not known; they are kept and hashed, and what they mean is in no report: ${what.join('; ')}`,
    );
  }
}

/** Names kept: whoever writes a bundle can make up as many as it has entries. */
const KEPT = 10_000;

function add(places: Map<string, string>, name: string, place: string): void {
  // As it is shown: a name can be as long as an entry.
  const shown = quoteName(name);
  if (!places.has(shown) && places.size < KEPT) places.set(shown, place);
}

function describe(places: ReadonlyMap<string, string>): string {
  return nameSome(new Set([...places].map(([name, place]) => `${name} (${place})`)));
}
