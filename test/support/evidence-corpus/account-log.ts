// The account's log of the corpus: its entries, checkpoints, witnesses and proofs.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { type NoteKey, noteKey, noteOf } from './keys.ts';
import { ACCOUNT, type CorpusSession, closedText, OTHER_ACCOUNT, POLICY, SESSIONS } from './sessions.ts';
import { base64, inclusionOf, multiproofOf, rootOf } from './trees.ts';

export const ORIGIN = `evidence.example.org/${ACCOUNT}`;
export const OTHER_ORIGIN = `evidence.example.org/${OTHER_ACCOUNT}`;

export const LOG_KEY = noteKey(ORIGIN, 'log');
export const RETIRED_KEY = noteKey(ORIGIN, 'retired');
export const FORGER_KEY = noteKey(ORIGIN, 'forger');
export const OTHER_KEY = noteKey(OTHER_ORIGIN, 'other');
/** The same public key under the name of another account, as one deployment has it. */
export const SAME_KEY_OTHER_NAME = noteKey(OTHER_ORIGIN, 'log');

export const WITNESS_1 = noteKey('witness.example.net/w1', 'w1', 'cosignature');
export const WITNESS_2 = noteKey('witness.example.net/w2', 'w2', 'cosignature');
export const WITNESS_AWAY = noteKey('witness.example.net/w3', 'w3', 'cosignature');
export const WITNESS_FORGED = noteKey('witness.example.net/w1', 'forged', 'cosignature');
export const COSIGNED_AT = 1_777_800_000;

const entry = (members: Record<string, unknown>) => canonicalize({ account_id: ACCOUNT, ...members });

const REPORT_ISSUED = entry({
  ...{ agent_id: SESSIONS.sealed.agentId, format: 'json', generated_at: '2026-05-02T22:00:00.000Z' },
  ...{ json_sha256: 'ab'.repeat(32), kind: 'report_issued', merkle_root_hex: SESSIONS.sealed.rootHex },
  ...{ report_id: 'rep_01KQN89WGRBPJ4AAGAHJXMZY99', scope: 'session', session_id: SESSIONS.sealed.id },
  ...{ since: null, size: 7, until: null },
});

/** The entries of a log that holds these sessions among other things. */
export function logOf(sessions: readonly CorpusSession[]): string[] {
  const { name, version, sha256Hex } = POLICY;
  const others = [
    entry({ kind: 'policy_stored', name, sha256: sha256Hex, version }),
    REPORT_ISSUED,
    entry({
      kind: 'key_changed',
      new_key: base64(Buffer.alloc(32, 2)),
      old_key: base64(Buffer.alloc(32, 1)),
    }),
    entry({
      ...{ at: '2026-06-01T00:00:00.000Z', closed_index: 2, kind: 'session_purged', reason: 'retention' },
      session_id: 'sess_01KQN89WGRBPJ4AAGAHJXMZY98',
    }),
  ];
  const closed = sessions.filter(({ endedAt }) => endedAt !== null).map(closedText);
  return closed.flatMap((text, i) => [others[i % others.length] as string, text]).concat(others);
}

/** The log that most cases are about. */
export const LOG = logOf(Object.values(SESSIONS));

export function checkpointText(log: readonly string[], origin = ORIGIN): string {
  return `${origin}\n${log.length}\n${base64(rootOf(log))}\n`;
}

/** Signed by these keys, the witnesses after the log's own. */
export function checkpointOf(
  log: readonly string[],
  keys: readonly NoteKey[] = [LOG_KEY, WITNESS_1, WITNESS_2],
  origin = ORIGIN,
): string {
  const text = checkpointText(log, origin);
  return noteOf(text, ...keys.map((key, i) => key.line(text, COSIGNED_AT + i)));
}

export type Evidence = Readonly<{
  checkpoint: string;
  inclusion: readonly string[];
  log_index: number;
  log_size: number;
  origin: string;
  session_closed: string;
  verifier_key: string;
}>;

/** The `evidence` of a session's report. */
export function evidenceOf(
  session: CorpusSession,
  log: readonly string[] = LOG,
  keys?: readonly NoteKey[],
  origin = ORIGIN,
): Evidence {
  const text = closedText(session);
  const index = log.indexOf(text);
  if (index < 0) throw new Error('The corpus logs no such session');
  return {
    checkpoint: checkpointOf(log, keys, origin),
    inclusion: inclusionOf(log, index).map(base64),
    log_index: index,
    log_size: log.length,
    origin,
    session_closed: text,
    verifier_key: (keys?.[0] ?? LOG_KEY).vkey,
  };
}

export type TlogParts = Readonly<{
  extra: string | null;
  index: string;
  hashes: readonly string[];
  checkpoint: string;
}>;

export function tlogPartsOf({
  session_closed: text,
  log_index: index,
  inclusion,
  checkpoint,
}: Evidence): TlogParts {
  return { extra: base64(Buffer.from(text)), index: `${index}`, hashes: inclusion, checkpoint };
}

export function tlogProofOf({ extra, index, hashes, checkpoint }: TlogParts): string {
  const head = [
    'c2sp.org/tlog-proof@v1',
    ...(extra === null ? [] : [`extra ${extra}`]),
    `index ${index}`,
    ...hashes,
  ];
  return `${head.join('\n')}\n\n${checkpoint}`;
}

/** The lines and the multiproof of a wide report. */
export function linesOf(log: readonly string[], indexes: readonly number[]) {
  return {
    lines: indexes.map((index) => log[index] as string),
    multiproof: {
      hashes: multiproofOf(log, indexes).map(base64),
      indexes: [...indexes],
      size: log.length,
      v: 1,
    },
  };
}
