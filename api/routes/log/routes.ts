// The account log, served as C2SP tlog-tiles says, under the prefix /api/v1/log.
import { AppError } from '../../../shared/errors/app-error.ts';
import { parseTilePath } from '../../../shared/merkle/tile-path.ts';
import { logKey } from '../../../shared/transparency/log-origin.ts';
import { TILE_HASHES } from '../../../shared/transparency/log-tiles.ts';
import { formatVerifierKey } from '../../../shared/transparency/verifier-key.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { defineRoute, none, type RouteInput } from '../../http/route-spec.ts';
import { assertCheckpoint, assertLog, whyNotLogged } from './find-log.ts';
import { checkpointResponse, keyResponse, tileParams, tileResponse } from './schema.ts';

export const LOG_ROUTES = [
  defineRoute({
    method: 'get',
    path: '/api/v1/log/checkpoint',
    summary: "Sends the signed checkpoint of the account's log.",
    permission: 'log:read',
    params: none,
    query: none,
    kind: 'text',
    response: checkpointResponse,
    statuses: [200, 304],
    headers: ['ETag'],
    errors: ['not_logged_yet', 'report_generation_failed'],
    handler: sendCheckpoint,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/log/key',
    summary: "Sends the verifier key of the account's log.",
    permission: 'log:read',
    params: none,
    query: none,
    kind: 'text',
    response: keyResponse,
    statuses: [200, 304],
    headers: ['ETag'],
    errors: ['report_generation_failed'],
    handler: sendKey,
  }),

  defineRoute({
    method: 'get',
    path: '/api/v1/log/tile/{path+}',
    summary: "Sends a tile of the account's log: hashes, or entries.",
    permission: 'log:read',
    params: tileParams,
    query: none,
    kind: 'file',
    response: tileResponse,
    statuses: [200, 304],
    headers: ['ETag'],
    errors: ['not_found', 'not_logged_yet', 'report_generation_failed'],
    handler: sendTile,
  }),
];

type LogDeps = Pick<ApiDeps, 'accountLog'>;

async function sendCheckpoint(deps: LogDeps, ctx: ApiContext): Promise<void> {
  const { text } = await assertCheckpoint(assertLog(deps), ctx.state.actor.accountId);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = text;
}

async function sendKey(deps: LogDeps, ctx: ApiContext): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { identity, reader } = assertLog(deps);
  // By the key of a process that did not sign the log, nothing of it would be verified.
  if ((await reader.standing(accountId)).isForeign) throw await whyNotLogged({ reader }, accountId);
  const key = logKey(identity, accountId);
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = `${formatVerifierKey(key)}\n`;
}

/** A full tile never changes. */
const FOR_EVER = 'private, max-age=31536000, immutable';

async function sendTile(
  deps: LogDeps,
  ctx: ApiContext,
  { params }: RouteInput<typeof tileParams, typeof none>,
): Promise<void> {
  const { accountId } = ctx.state.actor;
  const { reader } = assertLog(deps);
  const tile = parseTilePath(params.path ?? '');
  if (!tile) throw new AppError('not_found', 'No tile has this address.');
  const { size } = await assertCheckpoint({ reader }, accountId);
  const { level, index, width } = tile;
  const unit = TILE_HASHES ** (level === 'entries' ? 0 : level);
  if ((index * TILE_HASHES + width) * unit > size)
    throw new AppError('not_found', 'No checkpoint covers it.');
  const bytes =
    level === 'entries'
      ? bundle(await reader.entries(accountId, index, width))
      : await reader.tile(accountId, { level, index }, width);
  if (width === TILE_HASHES) ctx.set('Cache-Control', FOR_EVER);
  ctx.type = 'application/octet-stream';
  ctx.body = bytes;
}

/** Each entry behind its length in two bytes, big-endian (C2SP tlog-tiles "Log entries"). */
function bundle(entries: readonly Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}
