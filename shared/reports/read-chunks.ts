// Reads a file of GridFS without the driver's own stream, which ends the process where a piece is no bytes: whoever writes
// to the database can leave anything there. Nothing that is read here is trusted: the reader compares digests.
import { Binary, type Collection } from 'mongodb';

/** A document of the pieces. */
export type StoredChunk = { files_id: string; n: number; data: Binary };

/** `[begin, end)`, in bytes. */
export type ByteSpan = Readonly<{ begin: number; end: number }>;

/** Pieces that one batch fetches: 4 MiB as the driver cuts them. */
const BATCH = 16;

/**
 * The bytes of a file, piece after piece. Ends early at a piece that is missing, or that no upload stored: one of other
 * bytes than `chunkSize`, but for the last, or of another type.
 */
export async function* readChunks(
  chunks: Collection<StoredChunk>,
  fileId: string,
  chunkSize: unknown,
  { begin, end }: ByteSpan,
): AsyncGenerator<Uint8Array> {
  if (!Number.isSafeInteger(chunkSize) || (chunkSize as number) <= 0) return;
  const size = chunkSize as number;
  const first = Math.floor(begin / size);
  const last = Math.ceil(end / size) - 1;
  if (last < first) return;
  const stored = chunks
    .find({ files_id: fileId, n: { $gte: first, $lte: last } }, { projection: { _id: 0, n: 1, data: 1 } })
    .sort({ n: 1 })
    .batchSize(BATCH);
  let next = first;
  for await (const { n, data } of stored) {
    if (n !== next || !(data instanceof Binary)) return;
    const bytes = data.value();
    const from = Math.max(0, begin - next * size);
    const wanted = Math.min(size, end - next * size);
    if (bytes.length < wanted || bytes.length > size) return;
    yield bytes.subarray(from, wanted);
    next += 1;
  }
}
