// An app whose account logs are kept: by the keys of `TEST_SIGNING`, when a test says so.
import { openAccountLog } from '../../shared/transparency/account-log.ts';
import { openCheckpointMemory } from '../../shared/transparency/checkpoint-memory.ts';
import { LOG_HEADS } from '../../shared/transparency/log-rows.ts';
import { parseNote } from '../../shared/transparency/note.ts';
import type { SigningSettings } from '../../shared/transparency/open-signing.ts';
import { type VerifierKey, verifierKeyOf } from '../../shared/transparency/verifier-key.ts';
import { NEVER, openTestLogs, TEST_SIGNING } from './account-logs.ts';
import { cosignatureLine } from './cosign.ts';
import type { Cleaned } from './in-reverse.ts';
import { signerOf } from './signers.ts';
import type { TestApp } from './start-app.ts';

/** Keeps the log of an account: appends what is due, and signs. */
export type KeepLog = (accountId: string) => Promise<void>;

type Options = Readonly<{
  settings?: SigningSettings;
  witnesses?: readonly VerifierKey[];
}>;

/** Gives the app the keys of the logs. */
export async function keepLogs(
  t: Cleaned,
  app: TestApp,
  { settings = TEST_SIGNING, witnesses = [] }: Options = {},
): Promise<KeepLog> {
  const { db } = app.database;
  const world = { db, sessions: app.deps.sessions };
  const keys = app.config.auditKeys.map(({ id, bytes }) => ({ id, bytes: Uint8Array.from(bytes) }));
  const { logs, signing, dataDir } = await openTestLogs(t, world, { settings, keys });
  const memory = openCheckpointMemory(db, signing.identity, dataDir);
  Object.assign(app.deps, { accountLog: openAccountLog(db, signing.identity, memory), witnesses });
  return async (accountId) => {
    await logs.keep(accountId, NEVER);
  };
}

/** The key of a witness of tests. */
export function witnessKey(name: string, seed: number): VerifierKey {
  return verifierKeyOf(name, signerOf(seed).publicKey, 'cosignature');
}

/** Stores a cosignature of an account's checkpoint, as the witness made it. */
export async function addCosignature(
  { database }: Pick<TestApp, 'database'>,
  accountId: string,
  witness: Readonly<{ name: string; seed: number; at: Date }>,
): Promise<void> {
  const heads = database.db.collection<{ _id: string; checkpoint: { note: string } }>(LOG_HEADS);
  const head = await heads.findOne({ _id: accountId });
  const text = parseNote(head?.checkpoint.note ?? '')?.text ?? '';
  const { name, seed, at } = witness;
  const cosignature = { name, line: await cosignatureLine(text, name, signerOf(seed), at), at };
  await heads.updateOne({ _id: accountId }, { $push: { 'checkpoint.cosignatures': cosignature } } as object);
}
