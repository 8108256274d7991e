// How bytes of a segment are packed, and the only place that knows it: the first byte names the codec, the rest is its
// stream. What was packed once is read for ever.
import * as zlib from 'node:zlib';

/** The first byte of packed bytes. */
export const CODEC = { zstd: 1, deflate: 2 } as const;

/** A number of `CODEC`. */
export type Codec = (typeof CODEC)[keyof typeof CODEC];

const HAS_ZSTD = typeof zlib.zstdCompressSync === 'function';

// At level 1: entries repeat each other so much that higher levels pack them no smaller.
const ZSTD = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };
const DEFLATE = { level: 1 };

/** Holds the entries of a common segment, 120 KB. In pieces of 16 KB, the default, unpacking takes twice as long. */
const CHUNK = 128 * 1024;

/** Entries rarely pack to less than a tenth. */
const EXPANSION = 10;
const LEAST_CHUNK = 4 * 1024;

/** A window of 8 MiB: a stream that asks for more is after memory. */
const WINDOW_LOG = 23;

/** Packs bytes, by zstd where this Node has it (since 22.15). */
export function pack(bytes: Uint8Array, codec: Codec = HAS_ZSTD ? CODEC.zstd : CODEC.deflate): Buffer {
  const stream = codec === CODEC.zstd ? zlib.zstdCompressSync(bytes, ZSTD) : zlib.deflateSync(bytes, DEFLATE);
  return Buffer.concat([Uint8Array.of(codec), stream]);
}

/**
 * The bytes that were packed. Null for another codec, a stream that is damaged, anything after its end, and more than
 * `limit` bytes, of which no more than that are ever held. Throws where this Node lacks the codec.
 */
export function unpack(packed: Uint8Array, limit: number): Buffer | null {
  const stream = packed.subarray(1);
  // One piece for what is expected, not the largest: a short log's segment spends most of its time on the allocation.
  const chunkSize = Math.min(CHUNK, Math.max(LEAST_CHUNK, EXPANSION * stream.length));
  const options = { chunkSize, maxOutputLength: limit, info: true };
  try {
    const unpacked = unpackStream(packed[0], stream, options);
    // Both engines stop at the end of the first stream, and do not say that there is more.
    return unpacked?.engine.bytesWritten === stream.length ? unpacked.buffer : null;
  } catch (error) {
    if (isStreamFault(error)) return null;
    throw error;
  }
}

/** What Node gives for the option `info`, which its types do not know. `bytesWritten` is what the engine consumed. */
type Unpacked = Readonly<{ buffer: Buffer; engine: Readonly<{ bytesWritten: number }> }>;

function unpackStream(codec: number | undefined, stream: Uint8Array, options: object): Unpacked | null {
  if (codec === CODEC.deflate) return zlib.inflateSync(stream, options) as unknown as Unpacked;
  if (codec !== CODEC.zstd) return null;
  if (!HAS_ZSTD) throw new Error('This Node has no zstd, by which the log is packed: use Node 24');
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: WINDOW_LOG };
  return zlib.zstdDecompressSync(stream, { ...options, params }) as unknown as Unpacked;
}

/** Whether the stream is at fault. Other errors, such as one of no memory, are the process's. */
function isStreamFault(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'Z_MEM_ERROR' || code === 'ZSTD_error_memory_allocation') return false;
  return code === 'ERR_BUFFER_TOO_LARGE' || /^(Z|ZSTD_error)_/.test(code);
}
