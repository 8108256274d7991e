// `npm run report`: issues a report as the API does, into a file, with progress and without a deadline.
import type { Db } from 'mongodb';
import writeFileAtomic from 'write-file-atomic';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../shared/accounts/agent-repository.ts';
import { createUserRepository } from '../shared/accounts/user-repository.ts';
import { isId } from '../shared/audit/ids.ts';
import { AppError } from '../shared/errors/app-error.ts';
import { onShutdownSignal, ReleaseStack } from '../shared/process/release.ts';
import { PAPERS, type Paper } from '../shared/reports/paper.ts';
import type { Asker } from '../shared/reports/report-facts.ts';
import { createReportLedger } from '../shared/reports/report-ledger.ts';
import { createReportSigner } from '../shared/reports/report-signer.ts';
import { resolveReportWindow } from '../shared/reports/report-window.ts';
import { fileStem, type ReportSubject, type WideSubject } from '../shared/reports/subject.ts';
import { createRecordOutcome } from '../shared/sessions/record-outcome.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { parseTime } from '../shared/time/parse-time.ts';
import { parseSince } from '../shared/time/time-window.ts';
import { openCheckpointMemory } from '../shared/transparency/checkpoint-memory.ts';
import { createLogHeads } from '../shared/transparency/log-heads.ts';
import { openSigning } from '../shared/transparency/open-signing.ts';
import { createPdfRenderer, type PdfPlace } from '../workers/pdf/pdf.ts';
import { issueSession, issueWide, WIDE_FORMATS, type WideFormat } from '../workers/reports/pool.ts';
import { parseAccount, parseName } from './command/account-options.ts';
import { callerPath, describeFileFailure } from './command/caller-file.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { openPool } from './command/open-pool.ts';
import { commandReaction } from './command/outcome.ts';
import { type Progress, startProgress } from './command/progress.ts';
import { terminalText } from './command/terminal-text.ts';

const USAGE = `usage: npm run report -- --account ID [--agent ID | --session ID] [OPTIONS]

Issues a compliance report as the API does, into a file, without a deadline. It walks every log on this call, and is
recorded in the ledger.

  --account ID         the account, acc_…; alone: the report on all of its sessions
  --agent ID           the report on an agent's sessions
  --session ID         the report on one session
  --period P           2026, 2026-Q3, 2026-09 or 2026-09-14, in place of --since and --until
  --since T, --until T a window by the start of sessions: <n>h or <n>d ago, or ISO 8601 times (by default 30d to now)
  --tz ZONE            the IANA time zone of the period and of the days (by default UTC)
  --exceptions list    issues the report although logs are not verified, and names them (by default refuse)
  --format F           ${WIDE_FORMATS.join(', ')} (by default json; csv not of one session)
  --paper P            of a PDF: ${PAPERS.join(' or ')} (by default the account's)
  --output FILE        by default a name made of the subject, in this folder
  --user NAME          who the ledger says asked: a user of the account (by default operator)

exit: 0 issued, 2 a log failed, 1 a log could not be checked, or another error, 64 usage`;

const OPTIONS = {
  account: { type: 'string' },
  agent: { type: 'string' },
  session: { type: 'string' },
  period: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  tz: { type: 'string' },
  exceptions: { type: 'string' },
  format: { type: 'string' },
  paper: { type: 'string' },
  output: { type: 'string' },
  user: { type: 'string' },
} as const;

type Values = { [Name in keyof typeof OPTIONS]?: string | undefined };

type Request = Readonly<{
  accountId: string;
  subject: ReportSubject;
  format: WideFormat;
  /** Null for the account's. */
  paper: Paper | null;
  exceptions: 'refuse' | 'list';
  file: string;
  userName: string;
}>;

function parseRequest(values: Values, positionals: readonly string[]): Request {
  const accountId = parseAccount(values.account, positionals);
  const subject = parseSubject(values);
  const format = parseChoice('format', values.format ?? 'json', WIDE_FORMATS);
  const paper = values.paper === undefined ? null : parseChoice('paper', values.paper, PAPERS);
  const exceptions = parseChoice('exceptions', values.exceptions ?? 'refuse', ['refuse', 'list']);
  if (subject.scope === 'session' && format === 'csv') {
    throw new UsageError('--format csv has a row a session: give a window, or json or pdf for one session.');
  }
  const name = values.output ?? `${fileStem(subject, accountId)}.${format}`;
  return {
    ...{ accountId, subject, format, paper, exceptions },
    file: callerPath(name),
    userName: values.user === undefined ? 'operator' : parseName('--user', values.user),
  };
}

function parseSubject(values: Values): ReportSubject {
  const { agent, session, period, tz } = values;
  if (session !== undefined) {
    const other = ['agent', 'period', 'since', 'until', 'tz', 'exceptions'] as const;
    const beside = other.find((name) => values[name] !== undefined);
    if (beside) throw new UsageError(`--session names one session: leave --${beside} out.`);
    if (!isId('session', session))
      throw new UsageError('--session takes sess_ and 26 upper-case characters.');
    return { scope: 'session', sessionId: session };
  }
  if (agent !== undefined && !isId('agent', agent)) {
    throw new UsageError('--agent takes agt_ and 26 upper-case characters.');
  }
  const since = values.since === undefined ? undefined : parseSince(values.since);
  const until = values.until === undefined ? undefined : parseTime(values.until);
  if (since?.ok === false) throw new UsageError('--since takes <n>h, <n>d, or an ISO 8601 time.');
  if (until?.ok === false)
    throw new UsageError('--until takes an ISO 8601 time such as 2026-05-03T21:14:32Z.');
  const resolved = resolveReportWindow({ since: since?.since, until: until?.time, period, tz }, new Date());
  if (!resolved.ok) throw new UsageError(`--${resolved.problem}`);
  const { window } = resolved;
  return agent === undefined ? { scope: 'account', window } : { scope: 'agent', agentId: agent, window };
}

function parseChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${name} takes one of ${choices.join(', ')}.`);
  return found;
}

async function issue(connected: Connected, request: Request): Promise<ExitCode> {
  const { config, db } = connected;
  const { accountId, subject, format, exceptions, file } = request;
  const issuedTo = await findAsker(db, request);
  const paper = request.paper ?? (await createAccountRepository(db).findPaper(accountId));
  await using resources = new ReleaseStack();
  const stopping = new AbortController();
  resources.defer(onShutdownSignal(() => stopping.abort(new Error('Stopped: no report was issued.'))));
  const pool = await openPool(connected);
  resources.defer(() => pool.close());
  const place = format === 'pdf' ? await openPrinter(connected, resources, accountId, pool) : null;
  const sessions = createSessionRepository(db);
  const signing = config.signing && openSigning(config.signing);
  const memory = signing && openCheckpointMemory(db, signing.identity, config.dataDir);
  const signStatement = createReportSigner(signing, createLogHeads(db), memory);
  const deps = {
    pool,
    ledger: createReportLedger(db),
    recordOutcome: createRecordOutcome({ sessions, ...commandReaction(config) }),
    signStatement,
    checkpointMemory: memory,
  };
  const wait = { place, signal: stopping.signal };
  const { baaChainText, reportSessionsLimit: sessionsLimit } = config;
  if (subject.scope === 'session') {
    if (format === 'csv') throw new UsageError('--format csv is not for one session.');
    const order = { accountId, sessionId: subject.sessionId, baaChainText, format, issuedTo, paper };
    await write(file, await issueSession(deps, order, wait));
    return EXIT.done;
  }
  let progress: Progress | undefined;
  resources.defer(() => progress?.stop());
  let shown = 0;
  const asked = { accountId, subject, exceptions, format, issuedTo, paper };
  const order = { ...asked, baaChainText, sessionsLimit };
  const issued = await issueWide(deps, order, {
    ...wait,
    onProgress({ done, total }) {
      progress ??= startProgress('Walking', total, 'sessions');
      progress.add(done - shown);
      shown = done;
    },
  });
  progress?.stop();
  await write(file, issued.bytes);
  if (issued.exceptions.length === 0) return EXIT.done;
  const failed = issued.exceptions.filter(({ verdict }) => verdict.status === 'failed').length;
  console.error(
    `${failed} logs failed, ${issued.exceptions.length - failed} could not be checked: the report names them.`,
  );
  return failed > 0 ? EXIT.foundFailed : EXIT.error;
}

/** The user that the ledger and the report name. Throws where the account, the agent or the user is not there. */
async function findAsker(db: Db, { accountId, subject, userName }: Request): Promise<Asker> {
  if (!(await createAccountRepository(db).find(accountId)))
    throw new Error(`There is no account ${accountId}.`);
  if (subject.scope === 'agent') await assertAgent(db, accountId, subject);
  const user = await createUserRepository(db).findOrCreate(accountId, userName);
  if (user) return { id: user.id, name: user.name };
  throw new Error(`The user ${userName} of ${accountId} was deleted or is disabled: take another --user.`);
}

async function assertAgent(db: Db, accountId: string, { agentId }: Extract<WideSubject, { scope: 'agent' }>) {
  const names = await createAgentRepository(db).namesById(accountId, [agentId]);
  if (!names.has(agentId)) throw new Error(`${accountId} has no agent ${agentId}.`);
}

async function openPrinter(
  { config }: Connected,
  resources: ReleaseStack,
  accountId: string,
  tasks: Awaited<ReturnType<typeof openPool>>,
): Promise<PdfPlace> {
  const pdf = await createPdfRenderer({
    chromePath: config.chromePath,
    path: process.env.PATH ?? '',
    tasks,
    pages: 1,
    queueLimit: 2,
    warn: (line) => console.error(terminalText(line)),
  });
  resources.defer(() => pdf.close());
  return pdf.reserve(accountId);
}

async function write(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new Error(describeFileFailure(file, 'written', error));
  }
  console.log(`Wrote ${terminalText(file)}, ${bytes.length.toLocaleString('en-US')} bytes`);
}

/** The command, with the arguments of this process. */
export async function runReport(): Promise<ExitCode> {
  return await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const request = parseRequest(values, positionals);
    await using connected = await connect();
    try {
      return await issue(connected, request);
    } catch (error) {
      const reason = error instanceof AppError ? error.reason : undefined;
      if (reason !== 'log_failed' && reason !== 'key_out_of_scope') throw error;
      console.error(terminalText((error as AppError).message));
      return EXIT.foundFailed;
    }
  });
}

if (import.meta.main) process.exitCode = await runReport();
