// The evidence pack: everything about one session that an outsider needs, and the programs to check it with, in one zip.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type JsonObject, parseJson } from '../../../shared/audit/canonical-json.ts';
import { ENTRY_LIMIT } from '../../../shared/audit/chain.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { reportFailure } from '../../../shared/errors/report-failure.ts';
import { unlessAborted } from '../../../shared/process/unless-aborted.ts';
import { decodeBase64 } from '../../../shared/transparency/exact-text.ts';
import { formatTlogProof } from '../../../shared/transparency/tlog-proof.ts';
import { type IssuedSession, issueWithParts } from '../../../workers/reports/pool.ts';
import { askerOf, choosePaper } from '../../http/choose-paper.ts';
import type { ApiContext, ApiDeps } from '../../http/context.ts';
import { noteAccess } from '../../http/record-access.ts';
import { beforeDeadline, requestSignal } from '../../http/request-signal.ts';
import { writeZip, type ZipFile, zipSize } from '../../http/zip-stream.ts';
import { notLogged } from '../log/find-log.ts';
import { type ClosedSession, findClosed } from './closed-session.ts';
import type { ReportDeps } from './issue-report.ts';
import { leakingEntry } from './prove-or-fail.ts';
import { reportDeadline } from './report-deadline.ts';

type PackDeps = ReportDeps & Pick<ApiDeps, 'accountLog' | 'reportTimeoutMs'>;

/**
 * Issues a report on the session, and sends it with its log and proofs. Throws `not_logged_yet` for a session that no checkpoint
 * covers, and as a report does; `report_generation_failed` where an entry holds what may be PHI; `validation_failed` for a pack
 * that no verifier would read.
 */
export async function sendPack(deps: PackDeps, ctx: ApiContext, sessionId: string | null): Promise<void> {
  const { accountId } = ctx.state.actor;
  const closed = await findClosed(deps, accountId, sessionId);
  const log = { accountId, sessionId: closed.sessionId };
  const deadline = reportDeadline(deps);
  const sending = requestSignal(ctx.res);
  using making = beforeDeadline(sending, deadline);
  await assertReadable(deps, closed, making);
  const makesPdf = deps.pdf.state().available;
  using place = makesPdf ? deps.pdf.reserve(accountId) : null;
  deadline.printer = place;
  const format = makesPdf ? ('pdf' as const) : ('json' as const);
  const order = {
    ...{ ...log, baaChainText: deps.baaChainText, format },
    issuedTo: askerOf(ctx.state.actor),
    paper: await choosePaper(deps, accountId, { format, paper: undefined }),
  };
  const issuing = issueWithParts(deps, order, { place, signal: making, deadline });
  const issued = await deps.metrics.timeReport('pack', unlessAborted(making, issuing));
  const { size, rootHex } = closed;
  const survey = await deps.pool.surveyEntries(
    { log, size, rootHex, reportJson: issued.json },
    { signal: making },
  );
  if (survey.kind === 'leak') throw leakingEntry(survey.seq, 'pack');
  if (survey.kind === 'changed') throw reportFailure('log_failed', CHANGED);
  const entries = {
    name: 'entries.ndjson',
    size: survey.bytes,
    crc: survey.crc,
    stream: () => deps.pool.readLines(log, size, sending),
  };
  const files = await listFiles(issued, closed, entries);
  if (zipSize(files) > PACK_LIMIT) throw tooLong(`The pack would have ${zipSize(files)} bytes`);
  noteAccess(ctx, 'evidence.read', closed.sessionId);
  setPackHeaders(ctx, closed);
  ctx.body = Readable.from(writeZip(files, issued.generatedAt), { objectMode: false });
  ctx.length = zipSize(files);
}

export function setPackHeaders(ctx: ApiContext, { sessionId }: ClosedSession): void {
  ctx.type = 'application/zip';
  ctx.set('Content-Disposition', `attachment; filename="masker-evidence-${sessionId}.zip"`);
}

const CHANGED =
  "The session's audit log is not the one that was closed. Ask for a report on the session, which says how it failed.";

/** Bytes of a file that a verifier reads (VERIFY.md), also of the files of a pack together, which fill it. */
const PACK_LIMIT = 256 * 1024 * 1024;

/** Before a report is made for it: throws for a log whose entries alone are too long. */
async function assertReadable(
  { pool }: Pick<PackDeps, 'pool'>,
  { accountId, sessionId, size }: ClosedSession,
  signal: AbortSignal,
): Promise<void> {
  if (size * (ENTRY_LIMIT + 1) <= PACK_LIMIT) return;
  const order = { log: { accountId, sessionId }, size, limit: PACK_LIMIT };
  const bytes = await unlessAborted(signal, pool.measureEntries(order, { signal }));
  if (bytes === null) throw tooLong(`The ${size} entries of the log have more bytes`);
}

function tooLong(what: string): AppError {
  return new AppError(
    'validation_failed',
    `${what}, and no verifier reads a pack of more than ${PACK_LIMIT} bytes (256 MiB). Ask for proofs of stretches, /events/proof?from=…&to=…, or have the operator check the log: npm run verify reads the database, and npm run export writes all of the log.`,
    { param: 'session_id' },
  );
}

async function listFiles(issued: IssuedSession, closed: ClosedSession, entries: ZipFile): Promise<ZipFile[]> {
  const report = (parseJson(Buffer.from(issued.json).toString()) as JsonObject).get('report') as JsonObject;
  const evidence = report.get('evidence');
  // The session's entry may have been followed by another since it was looked for.
  if (!(evidence instanceof Map) || evidence.get('session_closed') !== closed.text) throw notLogged();
  const proof = formatTlogProof({
    extra: Buffer.from(closed.text),
    index: evidence.get('log_index') as number,
    hashes: (evidence.get('inclusion') as string[]).map((text) => decodeBase64(text) as Uint8Array),
    checkpoint: evidence.get('checkpoint') as string,
  });
  const text = (name: string, content: string) => ({ name, bytes: Buffer.from(content) });
  return [
    { name: 'report.json', bytes: issued.json },
    ...(issued.pdf ? [{ name: 'report.pdf', bytes: issued.pdf }] : []),
    ...(issued.statement === null ? [] : [text('report.note', issued.statement)]),
    entries,
    text('session_closed.json', closed.text),
    text('session.tlog-proof', proof),
    text('policy.yaml', report.get('policy_snapshot') as string),
    ...(await readVerifiers()),
  ];
}

const FOLDER = join(import.meta.dirname, '../../../scripts/verifiers');
const NAMES = ['VERIFY.md', 'verify.mjs', 'verify.py', 'verify.html'];

let verifiers: Promise<ZipFile[]> | undefined;

/** The verifiers as this version of the program has them. */
function readVerifiers(): Promise<ZipFile[]> {
  verifiers ??= Promise.all(NAMES.map(async (name) => ({ name, bytes: await readFile(join(FOLDER, name)) })));
  return verifiers;
}
