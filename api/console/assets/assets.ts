// The files that pages load: those of packages and our own; and the programs that they offer to be kept. Their addresses
// carry a digest, so that a browser keeps them for ever and still loads a new version at once. Compressed once: they hold
// no secret (BREACH needs one).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { Router } from '@koa/router';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ApiContext, ApiState } from '../../http/context.ts';
import { nameRoute } from '../../http/mount-routes.ts';
import { readCheckingCode, readVerifier, VERIFIER_NAMES, type VerifierName } from './verifiers.ts';

/** The package exports its modules, and this file beside them by nothing but its place. */
const SCALAR = new URL('browser/standalone.js', import.meta.resolve('@scalar/api-reference/style.css'));

const FILES = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'htmx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
  'docs.css': './docs.css',
  'docs.js': './docs.js',
  'scalar.js': SCALAR.href,
  'icon.svg': './icon.svg',
  'icon-check.svg': './icon-check.svg',
  'icon-chevron.svg': './icon-chevron.svg',
} as const;

const PICO_CSS = '@picocss/pico/css/pico.classless.min.css';

/** One file: laid out by the first sheet alone, a page would load icons that the second one takes out of it. */
function consoleCss(): Buffer {
  // Pico knows a link that looks like a button by its role. That role promises that Space presses it, so a class says it here.
  const pico = read(PICO_CSS).toString().replaceAll('[role=button]', '.button');
  return Buffer.concat([Buffer.from(pico), read('./console.css')]);
}

/** One file: a page loads its own scripts by one request. Each is a module that imports none at its beginning. */
const CONSOLE_JS = ['./parts.js', './console.js'];

/** `verify.js` is the script of `verify.html`. */
export type AssetName = keyof typeof FILES | VerifierName | 'console.css' | 'console.js' | 'verify.js';

const BASE = '/console/assets';

type Asset = Readonly<{
  bytes: Buffer;
  sha256Hex: string;
  /** A browser keeps it and does not show it. */
  isDownload: boolean;
}>;

function toAsset(bytes: Buffer, isDownload = false): Asset {
  return { bytes, sha256Hex: createHash('sha256').update(bytes).digest('hex'), isDownload };
}

function read(file: string): Buffer {
  return readFileSync(fileURLToPath(import.meta.resolve(file)));
}

const ASSETS: ReadonlyMap<string, Asset> = new Map<AssetName, Asset>([
  ...Object.entries(FILES).map(([name, file]) => [name as AssetName, toAsset(read(file))] as const),
  ...VERIFIER_NAMES.map((name) => [name, toAsset(readVerifier(name), true)] as const),
  ['console.css', toAsset(consoleCss())],
  ['console.js', toAsset(Buffer.concat(CONSOLE_JS.map(read)))],
  ['verify.js', toAsset(readCheckingCode())],
]);

/** The address of a file, as pages name it. */
export function assetPath(name: AssetName): string {
  return `${BASE}/${name}?v=${versionOf(ASSETS.get(name) as Asset)}`;
}

/** The SHA-256 of a file, in hex. */
export function assetDigest(name: AssetName): string {
  return (ASSETS.get(name) as Asset).sha256Hex;
}

function versionOf({ sha256Hex }: Asset): string {
  return sha256Hex.slice(0, 12);
}

export function mountAssets(): Router<ApiState> {
  const router = new Router<ApiState>({ sensitive: true, strict: true });
  router.get(`${BASE}/:name`, nameRoute(`${BASE}/:name`, 'file'), sendAsset);
  return router;
}

async function sendAsset(ctx: ApiContext): Promise<void> {
  const { name = '' } = ctx.params as { name?: string };
  const asset = ASSETS.get(name);
  if (!asset) throw new AppError('not_found', 'The console has no such file.');
  const isNamed = ctx.query.v === versionOf(asset);
  ctx.set('Cache-Control', isNamed ? 'public, max-age=31536000, immutable' : 'no-cache');
  ctx.set('Vary', 'Accept-Encoding');
  // An HTML file of its own scripts must not run on this origin.
  if (asset.isDownload) ctx.attachment(name);
  ctx.type = asset.isDownload ? 'application/octet-stream' : name.slice(name.lastIndexOf('.'));
  const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
  if (encoding === 'br' || encoding === 'gzip') {
    ctx.set('Content-Encoding', encoding);
    ctx.body = await compressed(name, asset, encoding);
  } else {
    ctx.body = asset.bytes;
  }
}

const asBrotli = promisify(brotliCompress);

/** The best quality takes 2 s a MiB, and its first reader would wait for it. */
const BROTLI_BEST_LIMIT = 1_048_576;

const COMPRESS = {
  br: (bytes: Buffer) =>
    asBrotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: bytes.length > BROTLI_BEST_LIMIT ? 5 : constants.BROTLI_MAX_QUALITY,
      },
    }),
  gzip: promisify(gzip),
};
const compressedOnce = new Map<string, Promise<Buffer>>();

function compressed(name: string, { bytes }: Asset, encoding: keyof typeof COMPRESS): Promise<Buffer> {
  const key = `${encoding} ${name}`;
  const made = compressedOnce.get(key) ?? (COMPRESS[encoding](bytes) as Promise<Buffer>);
  compressedOnce.set(key, made);
  return made;
}
