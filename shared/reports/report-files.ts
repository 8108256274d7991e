// The bytes of reports that were made in the background, in GridFS. A file's id begins with its account and report, so
// that all bytes of a report are found by it, also of an upload that broke off and left no file.
import { Readable } from 'node:stream';
import { type Db, GridFSBucket, type ObjectId } from 'mongodb';
import { ulid } from 'ulid';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { type ByteSpan, readChunks, type StoredChunk } from './read-chunks.ts';

const BUCKET = 'report_files';

/** GridFS's own indexes: the driver makes them only where the bucket is empty. */
export const REPORT_FILE_INDEXES: readonly IndexSpec[] = [
  { collection: `${BUCKET}.files`, key: { filename: 1, uploadDate: 1 } },
  { collection: `${BUCKET}.chunks`, key: { files_id: 1, n: 1 }, unique: true },
];

type StoredFile = { _id: string; length: unknown; chunkSize: unknown; metadata: { account_id: string } };

/** Stores, reads and removes the bytes of reports. */
export type ReportFiles = ReturnType<typeof createReportFiles>;

/** All methods reject with the driver's error when the database does not answer. */
export function createReportFiles(db: Db) {
  const bucket = new GridFSBucket(db, { bucketName: BUCKET });
  const files = evidenceCollection<StoredFile>(db, `${BUCKET}.files`);
  const chunks = evidenceCollection<StoredChunk>(db, `${BUCKET}.chunks`);

  return {
    /**
     * Stores bytes as a new file and gives its id. Rejects with the signal's reason when that aborts, between two writes: none
     * of them may come behind a removal. Leaves pieces then, as a process that is killed does: `removeAll` finds them.
     */
    async store(
      accountId: string,
      reportId: string,
      bytes: Uint8Array,
      signal: AbortSignal,
    ): Promise<string> {
      const fileId = `${prefixOf(accountId, reportId)}${ulid()}`;
      const upload = bucket.openUploadStreamWithId(asObjectId(fileId), reportId, {
        metadata: { account_id: accountId, report_id: reportId },
      });
      // Told by the callbacks, too.
      upload.on('error', () => {});
      for (const slice of slices(bytes)) {
        signal.throwIfAborted();
        await settled((done) => upload.write(slice, done));
      }
      signal.throwIfAborted();
      await settled((done) => upload.end(done));
      return fileId;
    },

    /**
     * A file's bytes, or a part of them; null where the account has no such file, or it ends before the part does. Whoever
     * writes to the database may have left any: the stream ends early where a piece is none that was stored.
     */
    async open(accountId: string, fileId: string, span: ByteSpan): Promise<Readable | null> {
      const found = await files.findOne({ _id: fileId, 'metadata.account_id': accountId });
      if (!found || (typeof found.length === 'number' && found.length < span.end)) return null;
      return Readable.from(readChunks(chunks, fileId, found.chunkSize, span), { objectMode: false });
    },

    /** Removes all bytes of a report, but those of the file `kept`. Safe to call again. */
    async removeAll(accountId: string, reportId: string, kept: string | null = null): Promise<void> {
      const prefix = prefixOf(accountId, reportId);
      // The next character after the slash ends the range.
      const range = { $gte: prefix, $lt: `${prefix.slice(0, -1)}0` };
      const others = kept === null ? range : { ...range, $ne: kept };
      await files.deleteMany({ _id: others });
      await chunks.deleteMany({ files_id: others });
    },
  };
}

/** Resolves, or rejects, as the callback is told. */
function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

const SLICE = 1 << 20;

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}

function prefixOf(accountId: string, reportId: string): string {
  return `${accountId}/${reportId}/`;
}

/** GridFS takes ids of any type; the driver's types know one. */
function asObjectId(fileId: string): ObjectId {
  return fileId as unknown as ObjectId;
}
