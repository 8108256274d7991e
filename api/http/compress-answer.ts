// Content codings, for the routes that state `compressed`. Length tells of content: where an attacker chooses text that
// stands beside a secret, and sees how long answers are, compression tells the secret (BREACH, CVE-2013-3587). So reports,
// sessions' pages, payloads, evidence, tokens and forms never state it, nor do streams of events, which must not be held back.
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import type { ApiContext } from './context.ts';

/** Shorter answers fit one packet as they are. */
const THRESHOLD_BYTES = 1_024;

/** As quick as gzip, and smaller; the default of 11 is for files that are compressed once. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const WHOLE = {
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, BROTLI),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes),
};

/** What is written is sent at once: a reader of a long list waits for no window to fill. */
const STREAMED = {
  br: () => createBrotliCompress({ ...BROTLI, flush: constants.BROTLI_OPERATION_FLUSH }),
  gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
};

/**
 * Sends an answer in the coding that `Accept-Encoding` prefers. Where none suits, also under `identity;q=0`, it is sent as
 * it is, which RFC 9110 §12.4.1 allows beside 406: a list is of more use than a refusal. koa-compress is not taken: it joins
 * streams by `pipe`, so that a list that breaks off would hang in place of being cut.
 */
export async function compressAnswer(ctx: ApiContext): Promise<void> {
  ctx.vary('Accept-Encoding');
  if (ctx.status !== 200 || isAskedByOtherSite(ctx)) return;
  const coding = ctx.acceptsEncodings('br', 'gzip', 'identity');
  if (coding !== 'br' && coding !== 'gzip') return;
  const { body } = ctx;
  if (body instanceof Readable) {
    const coder = STREAMED[coding]();
    ctx.body = coder;
    // Ends both with either: a caller who leaves ends the reading, and an error cuts the connection.
    pipeline(body, coder, () => {});
  } else if (body !== null && body !== undefined) {
    const bytes = toBytes(body);
    if (bytes.length < THRESHOLD_BYTES && ctx.acceptsEncodings('identity') === 'identity') return;
    ctx.body = await WHOLE[coding](bytes);
  }
  // The type stays as it was, and HEAD of a stream has the coding without a body.
  ctx.set('Content-Encoding', coding);
}

/**
 * Whether a page elsewhere had a browser ask, as BREACH has it do with a text of the attacker's choice in each query: no
 * length tells it anything then.
 */
function isAskedByOtherSite(ctx: ApiContext): boolean {
  return ['cross-site', 'same-site'].includes(ctx.get('Sec-Fetch-Site'));
}

function toBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
