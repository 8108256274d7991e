// The root over a set of sessions, audit-format "Windows over many sessions".
import { canonicalize } from '../audit/canonical-json.ts';
import { CompactRange } from '../merkle/compact-range.ts';
import { hashLeaf } from '../merkle/hash.ts';

/** A session's leaf: its id, and the root over its entries, hex, with their number. */
export type SessionLeaf = Readonly<{ id: string; rootHex: string; size: number }>;

/**
 * The RFC 6962 root, hex, over one leaf a session: `JCS({"root", "session_id", "size"})`. The sessions must be in
 * ascending order of ids. The root of none is `SHA-256("")`.
 */
export function windowRoot(sessions: Iterable<SessionLeaf>): string {
  const tree = new CompactRange();
  for (const { id, rootHex, size } of sessions) {
    tree.appendLeafHash(hashLeaf(Buffer.from(canonicalize({ root: rootHex, session_id: id, size }))));
  }
  return tree.rootHex();
}
