// Sends the bytes of a report that was made in the background, whole or in part.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import type { ComposedJob, ReportJob } from '../../../shared/reports/report-job.ts';
import { fileStem } from '../../../shared/reports/subject.ts';
import { type ByteRange, parseByteRange } from '../../http/byte-range.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { altered, assertIssued, type IssuedDeps } from './issued-bytes.ts';
import { statusAt } from './present-job.ts';

type Wanted = Readonly<{ composed: ComposedJob; span: ByteRange; isPart: boolean }>;

export type ContentDeps = IssuedDeps & Pick<ApiDeps, 'reportFiles'>;

/**
 * Sends what `Range` asks for, once all stored bytes are found to be those that were issued. `Content-Digest` is over the
 * bytes that this answer holds (RFC 9530 §2).
 */
export async function sendContent(deps: ContentDeps, ctx: ApiContext, job: ReportJob): Promise<void> {
  const wanted = findWanted(ctx, job, ctx.get('Range'));
  const { composed, span } = wanted;
  await assertIssued(deps, job, composed);
  const open = async (part: ByteRange): Promise<Readable> => {
    const bytes = await deps.reportFiles.open(job.accountId, composed.fileId, part);
    if (!bytes) throw new AppError('report_expired', 'The bytes are gone.');
    return bytes;
  };
  const found = await digestsOf(await open({ begin: 0, end: composed.bytes }), span);
  if (found.whole.toString('hex') !== composed.sha256Hex) throw altered('They have another SHA-256');
  const bytes = await open(span);
  // Not before the bytes are found: an error would be sent under the report's name and digest.
  setContentHeaders(ctx, job, wanted);
  const { type } = ctx.response;
  ctx.body = bytes;
  // Koa takes a stream for octets of unknown length.
  ctx.type = type;
  ctx.length = span.end - span.begin;
  ctx.set('Content-Digest', formatDigest(found.part));
}

/** What HEAD answers: `Range` has a meaning for GET alone. Reads no bytes. */
export async function sendContentHeaders(deps: IssuedDeps, ctx: ApiContext, job: ReportJob): Promise<void> {
  const wanted = findWanted(ctx, job, '');
  const { composed } = wanted;
  await assertIssued(deps, job, composed);
  setContentHeaders(ctx, job, wanted);
  ctx.length = composed.bytes;
  ctx.set('Content-Digest', formatDigest(Buffer.from(composed.sha256Hex, 'hex')));
}

function findWanted(ctx: ApiContext, job: ReportJob, range: string): Wanted {
  const composed = assertReady(job);
  const { bytes: size } = composed;
  const etag = etagOf(composed);
  const condition = ctx.get('If-Range');
  const asked = condition === '' || condition === etag ? parseByteRange(range, size) : null;
  if (asked === 'unsatisfiable') {
    ctx.set('Content-Range', `bytes */${size}`);
    throw new AppError('range_not_satisfiable', 'The range begins behind the last byte.');
  }
  return { composed, span: asked ?? { begin: 0, end: size }, isPart: asked !== null };
}

function setContentHeaders(ctx: ApiContext, job: ReportJob, { composed, span, isPart }: Wanted): void {
  const { bytes: size, sha256Hex } = composed;
  ctx.status = isPart ? 206 : 200;
  if (isPart) ctx.set('Content-Range', `bytes ${span.begin}-${span.end - 1}/${size}`);
  ctx.type = job.format;
  ctx.set('Accept-Ranges', 'bytes');
  ctx.set('ETag', etagOf(composed));
  ctx.set('Repr-Digest', formatDigest(Buffer.from(sha256Hex, 'hex')));
  const name = fileStem(job.subject, job.accountId);
  ctx.set('Content-Disposition', `attachment; filename="${name}.${job.format}"`);
}

function etagOf({ sha256Hex }: ComposedJob): string {
  return `"${sha256Hex}"`;
}

const RETRY_AFTER_S = 2;

function assertReady(job: ReportJob): ComposedJob {
  // The name of the file is the order's.
  if (job.orderFault !== null) throw reportFailure('stored_order', job.orderFault);
  if (job.composedFault !== null) throw reportFailure('stored_bytes', job.composedFault);
  const status = statusAt(job, new Date());
  if (status === 'ready' && job.composed) return job.composed;
  // A row that says `ready` and names no bytes was not written by a worker.
  if (status === 'expired' || status === 'ready')
    throw new AppError('report_expired', 'The bytes are removed.');
  if (status === 'failed') {
    throw new AppError('report_not_ready', `There is no report. ${job.error?.message ?? 'It failed.'}`);
  }
  throw new AppError(
    'report_not_ready',
    'The report is not ready. Ask for its status until it is; Retry-After says when.',
    { retryAfterS: RETRY_AFTER_S },
  );
}

/** SHA-256 over all bytes, and over those of a part. */
async function digestsOf(
  bytes: Readable,
  { begin, end }: ByteRange,
): Promise<Readonly<{ whole: Buffer; part: Buffer }>> {
  const whole = createHash('sha256');
  const part = createHash('sha256');
  let at = 0;
  for await (const piece of bytes) {
    const read = piece as Uint8Array;
    whole.update(read);
    part.update(read.subarray(Math.max(0, begin - at), Math.max(0, end - at)));
    at += read.length;
  }
  return { whole: whole.digest(), part: part.digest() };
}

/** A dictionary of structured fields, of one byte sequence (RFC 8941 §3.3.5). */
function formatDigest(digest: Buffer): string {
  return `sha-256=:${digest.toString('base64')}:`;
}
