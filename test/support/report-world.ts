// A stored session with a report on it, and `npm run verify` run on the report's file.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runVerify } from '../../scripts/verify.ts';
import { canonicalize, type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';
import { newId } from '../../shared/audit/ids.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import { signEntry } from '../../shared/reports/sign-entry.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { openSigning } from '../../shared/transparency/open-signing.ts';
import { createStatementSigner } from '../../shared/transparency/statement-signer.ts';
import { signPdf } from '../../workers/reports/sign-report.ts';
import { SIGNING_ENV, TEST_SIGNING } from './account-logs.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from './audit-world.ts';
import { commandEnv, type Finished, runScript } from './commands.ts';
import { factsOf } from './report-facts.ts';
import { runHere } from './run-here.ts';
import { verifyAs } from './verify.ts';

export const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

/** Signs as the service of this world does. */
export const signStatement = createStatementSigner(openSigning(TEST_SIGNING));

type Issued = {
  session: Session;
  json: Uint8Array;
  /** What was made of the JSON by `print`; empty without. */
  pdf: Uint8Array;
};
type IssueOptions = {
  inLedger?: boolean;
  /** Makes the PDF that is issued. Without it JSON alone is. */
  print?: (json: Uint8Array) => Promise<Uint8Array>;
};
export type ReportWorld = LogWorld & {
  folder: string;
  /** A session with a real log, and its report as it is in the ledger. */
  issue(size: number, options?: IssueOptions): Promise<Issued>;
  verify(name: string, bytes: Uint8Array, env?: Record<string, string>): Promise<Finished>;
  /** As `verify`, in a process of its own. */
  verifyAlone: ReportWorld['verify'];
};

export async function createReportWorld(t: Parameters<typeof createLogWorld>[0]): Promise<ReportWorld> {
  const world = await createLogWorld(t);
  const folder = await mkdtemp(join(tmpdir(), 'verify-report-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  async function write(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }
  const commonEnv = () => ({
    ...commandEnv(world.database, folder, KEYS),
    ...SIGNING_ENV,
    CHROME_PATH: process.env.TEST_CHROME_PATH ?? '',
  });
  return {
    ...world,
    folder,
    issue: (size, options) => issue(world, size, options),
    verify: async (name, bytes, env = {}) =>
      await runHere(runVerify, [await write(name, bytes)], { ...commonEnv(), ...env }),
    verifyAlone: async (name, bytes, env = {}) =>
      await runScript('verify.ts', [await write(name, bytes)], { ...commonEnv(), ...env }),
  };
}

async function issue(
  world: LogWorld,
  size: number,
  { inLedger = true, print }: IssueOptions = {},
): Promise<Issued> {
  const facts = { ...factsOf(), id: newId('report') };
  const { id, accountId } = await writeSession(world, size, { seal: false });
  // The report is on the policy that its facts hold.
  await world.db
    .collection<{ _id: string }>('sessions')
    .updateOne({ _id: id }, { $set: { policy_sha256: facts.policy.sha256Hex } });
  const session = (await world.sessions.find(accountId, id)) as Session;
  const log = await verifyAs(world, session);
  assert.ok(log.status === 'verified' && log.size === size);
  const composed = composeReport({
    ...facts,
    account: { id: accountId, name: 'Riverside Clinic' },
    agent: { id: session.agentId, name: 'Front desk' },
    session: { ...session, policyName: facts.policy.name, policyVersion: facts.policy.version },
    verdict: log,
  });
  assert.ok(composed.ok);
  const json = Uint8Array.from(Buffer.from(composed.json));
  const pdf = await print?.(json);
  if (inLedger) {
    const entry = await signEntry(signStatement, accountId, {
      id: facts.id,
      userId: facts.issuedTo.id,
      scope: 'session',
      sessionId: id,
      since: session.startedAt,
      until: session.endedAt,
      rootHex: log.rootHex,
      size,
      logState: log.state,
      generatedAt: facts.generatedAt,
      jsonSha256Hex: hash('sha256', json),
      ...(await signPdf(signStatement, accountId, facts, pdf ?? null)),
      format: pdf ? 'pdf' : 'json',
      statement: await signStatement(accountId, {
        subject: 'report',
        reportId: facts.id,
        sha256Hex: hash('sha256', json),
        generatedAt: presentTime(facts.generatedAt),
      }),
    });
    await createReportLedger(world.db).record(accountId, entry);
  }
  return { session, json, pdf: pdf ?? new Uint8Array() };
}

/** The report with members of it set to other values, in canonical form. */
export function altered(json: Uint8Array, change: (report: JsonObject) => void): Uint8Array {
  const envelope = parseJson(Buffer.from(json).toString()) as JsonObject;
  change(envelope.get('report') as JsonObject);
  return Buffer.from(canonicalize(envelope));
}
