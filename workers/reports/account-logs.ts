// Account logs as reports read them: what is stored, whoever wrote it there. A report checks it before it states it.
import type { Db } from 'mongodb';
import type { CompactRange } from '../../shared/merkle/compact-range.ts';
import { HASH_SIZE } from '../../shared/merkle/hash.ts';
import type { LogReader, SignedPart } from '../../shared/reports/account-log.ts';
import type { KnownRoot } from '../../shared/transparency/checkpoint-memory.ts';
import { DamagedLog, hashLeaves, storedRange } from '../../shared/transparency/log-hashes.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { createLogReader } from '../../shared/transparency/log-reader.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import {
  createLogSegments,
  type LogSegment,
  type LogSegments,
  readingOnce,
} from '../../shared/transparency/log-segments.ts';
import { createLogTiles } from '../../shared/transparency/log-tiles.ts';
import { isSegmentSigned } from '../../shared/transparency/segment-note.ts';

/** Reads the account logs of a database; null in a deployment without keys for them. */
export function openLogReader(db: Db, identity: LogIdentity | null): LogReader | null {
  return identity && readerOf(db, identity, createLogSegments(db));
}

function readerOf(db: Db, identity: LogIdentity, segments: LogSegments): LogReader {
  const reader = createLogReader(db, identity, segments);
  const hashed = { segments, tiles: createLogTiles(db) };

  async function checkpoint(accountId: string) {
    const stored = await reader.storedCheckpoint(accountId);
    return stored && { size: stored.size, checkpoint: stored.text };
  }

  async function* readSigned(
    accountId: string,
    { size, roots }: SignedPart,
    firstSegment = 0,
  ): AsyncGenerator<LogSegment> {
    let end = firstSegment * LOG_SEGMENT_SIZE;
    const holds = rootsTest(await storedRange(hashed, accountId, end), roots);
    for await (const segment of segments.readOn(accountId, firstSegment)) {
      end += segment.entries.length;
      if (end > size && !isSegmentSigned(identity, accountId, segment)) {
        throw new DamagedLog(`The log of ${accountId} has entries of nobody's behind its checkpoint`);
      }
      if (!holds(segment.entries)) {
        throw new DamagedLog(`The log of ${accountId} has other entries than those that were signed`);
      }
      yield segment;
    }
    if (end < Math.max(size, ...roots.map((known) => known.size))) {
      throw new DamagedLog(`The log of ${accountId} lacks entries`);
    }
  }

  return {
    once: () => readerOf(db, identity, { ...segments, ...readingOnce(segments) }),
    checkpoint,
    entryTexts: reader.entryTexts,
    placesOf: reader.placesOf,
    multiproof: reader.multiproof,
    async sessionEvidence(accountId, logIndex, under) {
      const signed = logIndex === null ? null : (under ?? (await checkpoint(accountId)));
      if (!signed || logIndex === null) return null;
      const isCovered = logIndex < signed.size;
      // An entry that the log does not have is told from one that no checkpoint covers yet.
      if (!isCovered && (await reader.entryTexts(accountId, [logIndex]))[0] != null) return null;
      const { size: logSize, checkpoint: note } = signed;
      const { text, hashes } = isCovered
        ? await reader.unprovenEntry(accountId, logIndex, logSize)
        : { text: null, hashes: null };
      // A proof that cannot be made does not verify, which names the damage.
      return {
        ...{ logIndex, logSize, checkpoint: note },
        inclusion: hashes ?? [],
        sessionClosed: text ?? '',
      };
    },
    readSigned,
    async *listAboutSessions(accountId, signed) {
      for await (const { index, entries } of readSigned(accountId, signed)) {
        for (const [i, bytes] of entries.entries()) {
          const text = bytes.toString();
          if (isAboutSession(text)) yield { index: index * LOG_SEGMENT_SIZE + i, text };
        }
      }
    },
  };
}

/** Takes a log's entries behind a range, part by part: false where the log does not give one of these roots. */
function rootsTest(
  range: CompactRange,
  roots: readonly KnownRoot[],
): (entries: readonly Buffer[]) => boolean {
  const last = Math.max(0, ...roots.map(({ size }) => size));
  return (entries) => {
    const hashes = hashLeaves(entries.slice(0, Math.max(0, last - range.end)));
    for (let at = 0; at < hashes.length; at += HASH_SIZE) {
      range.appendLeafHash(hashes.subarray(at, at + HASH_SIZE));
      const fixed = roots.filter(({ size }) => size === range.end);
      if (fixed.some(({ root }) => Buffer.compare(range.root(), root) !== 0)) return false;
    }
    return true;
  };
}

/** By the texts of its members: most entries are passed over, and nobody parses those. */
function isAboutSession(text: string): boolean {
  if (text.includes('"kind":"session_closed"')) return true;
  return text.includes('"kind":"report_issued"') && text.includes('"scope":"session"');
}
