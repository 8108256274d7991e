// Sends one request to a webhook. The host is resolved once, its addresses are checked, and the connection is made to a
// checked one: a name that is resolved again could lead into the operator's network. Nothing of the answer is kept but
// its status.
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { unlessAborted } from '../../shared/process/unless-aborted.ts';
import { hostOf } from '../../shared/webhooks/check-url.ts';
import type { AttemptError } from '../../shared/webhooks/delivery.ts';
import { type Address, isPublicAddress, type Resolve } from '../../shared/webhooks/public-address.ts';

/** For all: the name, the connection, the request and the answer. */
const DEADLINE_MS = 10_000;

/** Bytes of an answer's body that are read, so that a receiver sees its answer taken. */
const BODY_LIMIT = 4 * 1024;
const HEADER_LIMIT = 16 * 1024;

export type Outcome = Readonly<{ status: number; error: null } | { status: null; error: AttemptError }>;

export type PostOptions = Readonly<{
  allowPrivate: boolean;
  resolve: Resolve;
  /** Certificates that are trusted in place of the system's. */
  ca?: string;
  timeoutMs?: number;
}>;

/** Follows no redirect: its answer is the outcome. Rejects with the signal's reason when it aborts, and for nothing else. */
export async function postMessage(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { allowPrivate, resolve, ca, timeoutMs = DEADLINE_MS }: PostOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const late = AbortSignal.timeout(timeoutMs);
  const within = AbortSignal.any([signal, late]);
  try {
    const target = new URL(url);
    const addresses = await findAddresses(hostOf(target), resolve, within);
    if (typeof addresses === 'string') return lost(addresses);
    if (!allowPrivate && !(target.protocol === 'https:' && addresses.every(isPublic))) return lost('address');
    const options = { headers, ca, lookup: pinTo(addresses), signal: within };
    return { status: await exchange(target, options, body), error: null };
  } catch (error) {
    signal.throwIfAborted();
    return lost(late.aborted ? 'timeout' : nameError(error));
  }
}

async function findAddresses(
  host: string,
  resolve: Resolve,
  within: AbortSignal,
): Promise<readonly Address[] | 'dns'> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  try {
    const found = await unlessAborted(within, resolve(host));
    return found.length === 0 ? 'dns' : found;
  } catch (error) {
    if (within.aborted) throw error;
    return 'dns';
  }
}

function isPublic({ address }: Address): boolean {
  return isPublicAddress(address);
}

/** Stands in for the resolver when the connection is made. The name stays the host of the request and of TLS. */
function pinTo(addresses: readonly Address[]): LookupFunction {
  const [first] = addresses as [Address];
  return (_host, { all }, found) => {
    if (all) found(null, [...addresses]);
    else found(null, first.address, first.family);
  };
}

type Exchange = Pick<https.RequestOptions, 'headers' | 'ca' | 'lookup' | 'signal'>;

/** The status of the answer. */
async function exchange(url: URL, options: Exchange, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { request } = url.protocol === 'https:' ? https : http;
  // `agent: false`: no connection is shared with another webhook, and none stays open.
  const sent = request(url, { ...options, method: 'POST', agent: false, maxHeaderSize: HEADER_LIMIT });
  sent.on('error', reject);
  sent.on('close', () => reject(new Error('The connection closed')));
  // Without a listener the socket would be left open.
  sent.on('upgrade', (_answer, socket) => socket.destroy());
  sent.on('response', (answer) => {
    const status = answer.statusCode as number;
    let size = 0;
    answer.on('data', ({ length }: Buffer) => {
      size += length;
      if (size > BODY_LIMIT) resolve(status);
    });
    answer.on('end', () => resolve(status));
    answer.on('error', reject);
  });
  sent.end(body);
  try {
    return await promise;
  } finally {
    sent.destroy();
  }
}

function lost(error: AttemptError): Outcome {
  return { status: null, error };
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
]);
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH|ERR_OSSL)/;

function nameError(error: unknown): AttemptError {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  const text = typeof code === 'string' ? code : '';
  if (CONNECTION_CODES.has(text) || errors !== undefined) return 'connection';
  return TLS_CODE.test(text) ? 'tls' : 'broken';
}
