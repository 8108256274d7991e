// Whoever writes to the database can put any root into the ledger, and no log would give it. So a root that nobody signed
// counts against a log only where nothing signed speaks against it.
import { isAnchor } from './check-record.ts';
import type { Anchor, LogRecord } from './log-record.ts';

/**
 * Marks what something signed overrules. A signed root fixes every smaller one, since a log only grows; that of a whole log
 * whose session has ended fixes its size, too. Nothing that a signed root leaves open is overruled: the row of a report
 * that saw more of an open log may be a true one that lost its signature. A log that has grown since was not sealed, and
 * the account log's entry says whether one is. What is no anchor by its types was written by no writer of ours: it is passed
 * over where anything signed is at hand.
 *
 * Every signed root must be one that the walk compares: where the log contradicts one, it fails by that.
 */
export function weighAnchors(record: LogRecord): LogRecord {
  const signed = record.anchors.filter(({ isSigned }) => isSigned === true);
  if (signed.length === 0) return record;
  const { log, endedAt, anchors } = record;
  const largest = Math.max(...signed.map(({ size }) => size));
  const isWhole = endedAt !== null && largest === log.size;
  const unsealedAt = Math.max(
    -1,
    ...signed
      .filter(({ source, sealed }) => source === 'checkpoint' && sealed === false)
      .map(({ size }) => size),
  );

  function weigh(anchor: Anchor): Anchor {
    const { source, size, isSigned } = anchor;
    // A checkpoint's entry has the seal; a report's signature is not over what the ledger says of the seal.
    const isSealSigned = isSigned === undefined || (isSigned && source === 'checkpoint');
    const root = isSigned === false && (size <= largest || isWhole);
    const seal = !isSealSigned && (size < largest || size <= unsealedAt);
    return root || seal ? { ...anchor, overruled: { root, seal } } : anchor;
  }

  const isNone = (anchor: Anchor) => anchor.isSigned === false && !isAnchor(anchor);
  return {
    ...record,
    anchors: anchors.filter((anchor) => !isNone(anchor)).map(weigh),
    disputed: anchors
      .filter(isNone)
      .map(({ source, reportId = null }) => ({ source, reportId, claim: 'form' })),
  };
}
