// Keys for local use. Outside production, a missing audit or cursor key is made once and kept in DATA_DIR/keys.json, so
// that logs written today can be verified tomorrow, and a missing signing key in DATA_DIR/signing-key.pem. In production
// the files are neither read nor written. No audit key is made where stored logs name one, and no signing key where
// account logs are stored: the file is lost then, and a new one would hide it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { z } from 'zod';
import type { AuditKeyBytes } from '../audit/audit-keys.ts';
import { describeNeeds } from '../sessions/describe-key-needs.ts';
import type { NeededKey } from '../sessions/key-needs.ts';
import type { SigningSettings } from '../transparency/open-signing.ts';
import { type Config, ConfigError } from './config.ts';
import {
  type FindLogOrigins,
  type LocalFiles,
  newLocalOrigin,
  newSigningPem,
  readSigningPem,
  refuseLostSigningKey,
} from './local-signing-key.ts';
import { replaceFile, withFileLock } from './owned-file.ts';

/** A configuration that has a cursor key and a signing key. */
export type KeyedConfig = Config & Readonly<{ cursorKey: Uint8Array; signing: SigningSettings }>;

const hexKey = z.string().regex(/^([0-9a-f]{2}){32,}$/);

const storedSchema = z.object({
  audit_keys: z.array(z.object({ id: z.string().min(1), hex: hexKey })),
  cursor_key: hexKey.optional(),
  /** Of the logs that signing-key.pem signs. */
  log_origin: z.string().min(1).optional(),
});

/** What is kept in both files. */
type StoredKeys = z.infer<typeof storedSchema> & Readonly<{ signingPem: string | null }>;

/** Finds the audit keys that stored logs need. Asked only where none is configured, before one would be made. */
export type FindNeededKeys = () => Promise<readonly NeededKey[]>;

/** Looks into the database for what a lost file would be needed for. */
export type FindUses = Readonly<{ neededKeys: FindNeededKeys; logOrigins: FindLogOrigins }>;

/**
 * Adds the audit keys kept in a configuration's `dataDir` to the configured ones, which come first: a configured key
 * signs, all verify. Adds the signing key kept there where none is configured. Makes no key, so there may be none. In
 * production the configuration stays as it is. Rejects with a `ConfigError` if a file cannot be read, is damaged, or
 * gives a configured id another value.
 */
export async function readLocalKeys(config: Config): Promise<Config> {
  if (config.production) return config;
  const kept = await readKeys(filesOf(config));
  return Object.freeze({
    ...config,
    auditKeys: joinKeys(config.auditKeys, kept.audit_keys),
    signing: signingOf(config, kept),
  });
}

/**
 * Completes a configuration with the keys kept in its `dataDir`, as `readLocalKeys` does, and with the cursor key. Makes
 * and keeps a key that neither of them has. In production it only checks that the keys are there. Rejects with a
 * `ConfigError` as `readLocalKeys` does, if the folder cannot be used, if an audit key is to be made while stored logs
 * name one, and if a signing key is to be made while account logs are stored.
 */
export async function withLocalKeys(config: Config, find: FindUses): Promise<KeyedConfig> {
  if (config.production) return complete(config, NOTHING_KEPT);

  const files = filesOf(config);
  const kept = await readKeys(files);
  if (!lacksKeys(config, kept)) return complete(config, kept);
  if (lacksAuditKey(config, kept)) refuseLostKeys(files.keys, await find.neededKeys());
  if (lacksSigning(config, kept)) {
    const { signingPem: pem, log_origin: origin = null } = kept;
    refuseLostSigningKey(files, { pem, origin }, await find.logOrigins());
  }

  await mkdir(config.dataDir, { recursive: true, mode: 0o700 }).catch(() => {
    throw new ConfigError([
      'DATA_DIR names a folder that cannot be made: choose one that this user can write',
    ]);
  });
  return withFileLock(files.keys, async () => {
    // Another process may have made the keys while this one waited.
    const current = await readKeys(files);
    if (!lacksKeys(config, current)) return complete(config, current);
    const made = makeMissing(config, current);
    const { signingPem, ...inKeysFile } = made;
    if (signingPem !== null && signingPem !== current.signingPem) {
      await replaceFile(files.signingKey, signingPem);
    }
    await replaceFile(files.keys, `${JSON.stringify(inKeysFile, null, 2)}\n`);
    return complete(config, made);
  });
}

const NOTHING_KEPT: StoredKeys = { audit_keys: [], signingPem: null };

function filesOf({ dataDir }: Config): LocalFiles {
  return { keys: join(dataDir, 'keys.json'), signingKey: join(dataDir, 'signing-key.pem') };
}

function refuseLostKeys(file: string, needed: readonly NeededKey[]): void {
  if (needed.length === 0) return;
  throw new ConfigError([
    `Stored logs need audit keys: ${describeNeeds(needed)}, and a new key could not check them. Bring back ${file} from a copy, or set AUDIT_KEYS to these keys. To leave these logs unverifiable, set AUDIT_KEYS to a new key (id:hex; make one: openssl rand -hex 32)`,
  ]);
}

async function readKeys({ keys, signingKey }: LocalFiles): Promise<StoredKeys> {
  return { ...(await readKeysFile(keys)), signingPem: await readSigningPem(signingKey) };
}

async function readKeysFile(file: string): Promise<z.infer<typeof storedSchema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { audit_keys: [] };
    throw new ConfigError([`${file} cannot be read: make it readable for the user that runs this`]);
  }
  const parsed = storedSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ConfigError([
    `${file} is damaged: put back a copy of it (without its keys, the logs they signed cannot be verified)`,
  ]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lacksKeys(config: Config, kept: StoredKeys): boolean {
  return lacksAuditKey(config, kept) || lacksCursorKey(config, kept) || lacksSigning(config, kept);
}

function lacksAuditKey(config: Config, kept: StoredKeys): boolean {
  return config.auditKeys.length + kept.audit_keys.length === 0;
}

function lacksCursorKey(config: Config, kept: StoredKeys): boolean {
  return config.cursorKey === undefined && kept.cursor_key === undefined;
}

function lacksSigning(config: Config, kept: StoredKeys): boolean {
  return signingOf(config, kept) === null;
}

function makeMissing(config: Config, kept: StoredKeys): StoredKeys {
  const made = { ...kept };
  if (lacksAuditKey(config, kept)) made.audit_keys = [{ id: `k_${ulid()}`, hex: newKeyHex() }];
  if (lacksCursorKey(config, kept)) made.cursor_key = newKeyHex();
  if (!lacksSigning(config, kept)) return made;
  return {
    ...made,
    log_origin: kept.log_origin ?? newLocalOrigin(),
    signingPem: kept.signingPem ?? newSigningPem(),
  };
}

function newKeyHex(): string {
  return randomBytes(32).toString('hex');
}

function complete(config: Config, kept: StoredKeys): KeyedConfig {
  const cursorKey =
    config.cursorKey ?? (kept.cursor_key === undefined ? undefined : fromHex(kept.cursor_key));
  if (cursorKey === undefined) {
    throw new ConfigError(['CURSOR_KEY is required in production: set it to 64 hex digits']);
  }
  const signing = signingOf(config, kept);
  if (signing === null) {
    throw new ConfigError(['SIGNING_KEY and LOG_ORIGIN are required in production: set both']);
  }
  return Object.freeze({
    ...config,
    auditKeys: joinKeys(config.auditKeys, kept.audit_keys),
    cursorKey,
    signing,
  });
}

/** The configured signing key, else the kept one; null for none. */
function signingOf(
  { signing }: Config,
  { signingPem, log_origin: origin }: StoredKeys,
): SigningSettings | null {
  if (signing !== null || signingPem === null || origin === undefined) return signing;
  return Object.freeze({
    origin,
    privateKeyPem: signingPem,
    previousPem: null,
    retiredPublicKeys: Object.freeze([]),
  });
}

function joinKeys(
  configured: readonly AuditKeyBytes[],
  kept: StoredKeys['audit_keys'],
): readonly AuditKeyBytes[] {
  const keys = [...configured];
  for (const { id, hex } of kept) {
    const same = configured.find((key) => key.id === id);
    if (same === undefined) keys.push({ id, bytes: fromHex(hex) });
    else if (Buffer.compare(same.bytes, fromHex(hex)) !== 0) {
      throw new ConfigError([
        `AUDIT_KEYS and keys.json in DATA_DIR give one key id two values: every key needs an id of its own`,
      ]);
    }
  }
  return Object.freeze(keys);
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
