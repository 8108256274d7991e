// What reports of tests state of an account log: entries, a checkpoint and proofs as a deployment with a key makes them.
import { hash } from 'node:crypto';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { inclusionRanges } from '../../shared/merkle/proof-ranges.ts';
import { proveFrom } from '../../shared/merkle/prove.ts';
import { computeRoot } from '../../shared/merkle/root.ts';
import type { LoggedSession, SessionEvidenceFacts } from '../../shared/reports/account-log.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import type { WalkedSession, WindowFacts } from '../../shared/reports/window-facts.ts';
import { formatCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { policyStoredText, sessionClosedText } from '../../shared/transparency/log-entry.ts';
import { type LogIdentity, logKey, logOrigin } from '../../shared/transparency/log-origin.ts';
import { formatNote, signNote } from '../../shared/transparency/note.ts';
import { formatVerifierKey } from '../../shared/transparency/verifier-key.ts';
import { type FactsChange, factsOf } from './report-facts.ts';
import { signerOf } from './signers.ts';

const SIGNER = signerOf(1);

/** The keys of the logs of these tests. */
export const TEST_IDENTITY: LogIdentity = { origin: 'evidence.example.org', publicKeys: [SIGNER.publicKey] };

/** Another deployment's, under the same name. */
export const OTHER_IDENTITY: LogIdentity = {
  origin: 'evidence.example.org',
  publicKeys: [signerOf(2).publicKey],
};

/** A checkpoint of these entries, as a signed note. */
export async function checkpointOf(
  accountId: string,
  texts: readonly string[],
  signer = SIGNER,
): Promise<string> {
  const origin = logOrigin(TEST_IDENTITY, accountId);
  const root = computeRoot(texts.map((text) => Buffer.from(text)));
  return formatNote(await signNote(formatCheckpoint({ origin, size: texts.length, root }), origin, signer));
}

/** The text of the entry that the session of these facts was closed. */
export function closedTextOf({ session, verdict }: Pick<ReportFacts, 'session' | 'verdict'>): string {
  const { id: sessionId, log, ...rest } = session;
  const { size, rootHex, headHashHex } = verdict;
  return sessionClosedText({ ...rest, sessionId, keyId: log.keyId, size, rootHex, headHashHex }, log.seal);
}

/** The session's entry as the third of `size`, under a signed checkpoint. */
export async function loggedSession(
  facts: Pick<ReportFacts, 'session' | 'verdict'>,
  { size = 5, text = closedTextOf(facts), signer = SIGNER } = {},
): Promise<LoggedSession> {
  const { accountId } = facts.session;
  const texts = Array.from({ length: size }, (_, version) =>
    policyStoredText(accountId, {
      name: 'clinic',
      version: version + 1,
      sha256Hex: hash('sha256', `${version}`),
    }),
  );
  const logIndex = Math.min(2, size - 1);
  texts[logIndex] = text;
  const leaves = Buffer.concat(texts.map((entry) => hashLeaf(Buffer.from(entry))));
  const inclusion = proveFrom(inclusionRanges(logIndex, size), (begin, end) =>
    leaves.subarray(32 * begin, 32 * end),
  );
  const checkpoint = await checkpointOf(accountId, texts, signer);
  return { logIndex, logSize: size, checkpoint, inclusion, sessionClosed: text };
}

/** `factsOf`, with evidence. */
export async function loggedFacts(change: FactsChange = {}): Promise<ReportFacts> {
  const facts = factsOf(change);
  const { accountId } = facts.session;
  const evidence: SessionEvidenceFacts = {
    ...(await loggedSession(facts)),
    origin: logOrigin(TEST_IDENTITY, accountId),
    verifierKey: formatVerifierKey(logKey(TEST_IDENTITY, accountId)),
  };
  return { ...facts, evidence, evidenceMissing: null };
}

/** The facts of a window whose closed sessions are all in the account log, in the order of their ids. */
export async function loggedWindow(facts: WindowFacts): Promise<WindowFacts> {
  const { account, walked } = facts;
  const sessions = walked.sessions.map((session, i): WalkedSession => ({ ...session, logIndex: i }));
  const texts = sessions.map(({ id }) => `{"session_id":"${id}"}`);
  const evidence = {
    checkpoint: await checkpointOf(account.id, texts),
    logSize: texts.length,
    origin: logOrigin(TEST_IDENTITY, account.id),
    verifierKey: formatVerifierKey(logKey(TEST_IDENTITY, account.id)),
  };
  const accountLog = { evidence, entriesInWindow: texts.length, missing: [] };
  return { ...facts, walked: { ...walked, sessions }, accountLog };
}
