// Sessions and their entries, in ascending order of ids. Each log is verified first; a log that fails is exported as it is
// stored, and named.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { explainUnverifiable, type LogVerdict } from '../../shared/audit/verdict.ts';
import { createSegmentReader, readStoredEntries } from '../../shared/log-store/segment-reader.ts';
import { createFleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { Session, SessionPayloads } from '../../shared/sessions/session.ts';
import { UnreadablePayloads } from '../../shared/sessions/session-payloads.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { verifyHere } from '../../workers/logs/verify-session.ts';
import type { Connected } from '../command/connect.ts';
import { openVerifyDeps } from '../command/open-verifier.ts';
import { LineFile, type PartFolder, type Progressed } from './part-folder.ts';
import { fitSessionLine } from './session-line.ts';

/** Sessions that are verified at once. */
const AT_ONCE = 8;
const PAGE = 512;
/** Problems that are kept word by word; the others are counted. */
const TOLD = 1_000;
/** Between two notes of what is on the disk. */
const NOTE_EVERY_MS = 2_000;

type Read = Readonly<{
  session: Session;
  verdict: LogVerdict;
  payloads: SessionPayloads | null;
  problem: string | null;
}>;

/** `onSession` is told of each session that is written. */
export async function writeSessions(
  { db, config }: Pick<Connected, 'db' | 'config'>,
  folder: PartFolder,
  begun: Progressed,
  onSession: () => void,
): Promise<Progressed> {
  const { accountId } = begun;
  const fleet = createFleetSessions(db);
  const reader = createSegmentReader(db);
  const read = readerOf({ db, config });
  await using rows = await LineFile.open(folder.pathOf('sessions.ndjson'), begun.sessionsBytes);
  await using audit = await LineFile.open(folder.pathOf('audit.ndjson'), begun.auditBytes);
  const problems = [...begun.problems];
  let { problemCount } = begun;
  const tell = (id: string, problem: string) => {
    problemCount += 1;
    if (problems.length < TOLD) problems.push(`${id}: ${problem}`);
  };
  let { after } = begun;
  let { sessions = 0, entries = 0 } = begun.tally;
  let notedAt = performance.now();

  const note = async (): Promise<Progressed> => {
    await Promise.all([rows.sync(), audit.sync()]);
    const bytes = { sessionsBytes: rows.bytes, auditBytes: audit.bytes };
    const tally = { ...begun.tally, sessions, entries };
    const progressed = { ...begun, after, ...bytes, tally, problems, problemCount };
    await folder.note(progressed);
    notedAt = performance.now();
    return progressed;
  };

  for (;;) {
    const page = await fleet.listSelected({ accountId }, after, PAGE);
    if (page.length === 0) return await note();
    for (let at = 0; at < page.length; at += AT_ONCE) {
      const some = page.slice(at, at + AT_ONCE);
      for (const [i, found] of (await Promise.all(some.map(read))).entries()) {
        after = (some[i] as LogRef).sessionId;
        if (found === null) {
          tell(after, NOT_FOUND);
          continue;
        }
        const { session, verdict, payloads, problem } = found;
        if (problem !== null) tell(session.id, problem);
        const written = await writeLog(reader, audit, session, verdict);
        const fitted = fitSessionLine(session, headOf(session, verdict), payloads);
        if (fitted.problem !== null) tell(session.id, fitted.problem);
        await rows.add(fitted.line);
        sessions += 1;
        entries += written;
        onSession();
        if (performance.now() - notedAt > NOTE_EVERY_MS) await note();
      }
    }
  }
}

/** Reads and verifies a session; null where it is gone since it was listed. */
function readerOf(place: Pick<Connected, 'db' | 'config'>) {
  const sessions = createSessionRepository(place.db);
  const deps = openVerifyDeps(place);
  return async ({ accountId, sessionId }: LogRef): Promise<Read | null> => {
    const evidence = await verifyHere(deps, { accountId, sessionId, anchors: [], until: null, listed: 0 });
    if (!evidence) return null;
    const { found, verdict } = evidence;
    const problem = verdict.status === 'verified' ? null : describeVerdict(verdict);
    try {
      const payloads = await sessions.findPayloads(accountId, sessionId);
      return { session: found.session, verdict, payloads, problem };
    } catch (error) {
      if (!(error instanceof UnreadablePayloads)) throw error;
      return { session: found.session, verdict, payloads: null, problem: problem ?? NO_PAYLOADS };
    }
  };
}

/** Nothing removes a session; whoever writes to the database can leave a row that names its account in an odd way. */
const NOT_FOUND =
  'its row is gone, or names its account in a way that nothing can follow: it is not exported';
const NO_PAYLOADS = 'its payloads cannot be read and are left out';

function describeVerdict(verdict: Exclude<LogVerdict, { status: 'verified' }>): string {
  return verdict.status === 'failed'
    ? `its log failed, ${verdict.fault} at seq ${verdict.seq}: it is exported as it is stored, and an import refuses it`
    : `its log is unverifiable, ${explainUnverifiable(verdict)}: it is exported as it is stored`;
}

function headOf({ log }: Session, verdict: LogVerdict) {
  return verdict.status === 'verified' ? verdict : log;
}

/** The entries that were verified; all that are stored of a log that was not. Resolves to how many. */
async function writeLog(
  reader: ReturnType<typeof createSegmentReader>,
  audit: LineFile,
  { accountId, id }: Session,
  verdict: LogVerdict,
): Promise<number> {
  const size = verdict.status === 'verified' ? verdict.size : Number.POSITIVE_INFINITY;
  let count = 0;
  for await (const { bytes, begin, end } of readStoredEntries(reader, accountId, id)) {
    if (count === size) break;
    // The bytes of a batch are shared, and the next one takes their place.
    await audit.add(Uint8Array.prototype.slice.call(bytes, begin, end));
    count += 1;
  }
  return count;
}
