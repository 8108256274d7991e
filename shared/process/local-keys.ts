// Keys for local use. Outside production, a missing audit or cursor key is made once and kept in DATA_DIR/keys.json, so
// that logs written today can be verified tomorrow. In production the file is neither read nor written. No audit key is
// made where stored logs name one: the file is lost then, and a new one would hide it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { z } from 'zod';
import type { AuditKeyBytes } from '../audit/audit-keys.ts';
import { describeNeeds } from '../sessions/describe-key-needs.ts';
import type { NeededKey } from '../sessions/key-needs.ts';
import { type Config, ConfigError } from './config.ts';
import { replaceFile, withFileLock } from './owned-file.ts';

/** A configuration that has a cursor key. */
export type KeyedConfig = Config & Readonly<{ cursorKey: Uint8Array }>;

const hexKey = z.string().regex(/^([0-9a-f]{2}){32,}$/);

const storedSchema = z.object({
  audit_keys: z.array(z.object({ id: z.string().min(1), hex: hexKey })),
  cursor_key: hexKey.optional(),
});

type StoredKeys = z.infer<typeof storedSchema>;

/** Finds the audit keys that stored logs need. Asked only where none is configured, before one would be made. */
export type FindNeededKeys = () => Promise<readonly NeededKey[]>;

/**
 * Adds the audit keys kept in a configuration's `dataDir` to the configured ones, which come first: a configured key
 * signs, all verify. Makes no key, so there may be none. In production the configuration stays as it is. Rejects with a
 * `ConfigError` if the file cannot be read, is damaged, or gives a configured id another value.
 */
export async function readLocalKeys(config: Config): Promise<Config> {
  if (config.production) return config;
  const { audit_keys: kept } = await readKeys(keysFile(config));
  return Object.freeze({ ...config, auditKeys: joinKeys(config.auditKeys, kept) });
}

/**
 * Completes a configuration with the keys kept in its `dataDir`, as `readLocalKeys` does, and with the cursor key. Makes
 * and keeps a key that neither of them has. In production it only checks that there is a cursor key. Rejects with a
 * `ConfigError` as `readLocalKeys` does, if the folder cannot be used, and if an audit key is to be made while stored
 * logs name one.
 */
export async function withLocalKeys(config: Config, findNeeded: FindNeededKeys): Promise<KeyedConfig> {
  if (config.production) return complete(config, { audit_keys: [] });

  const file = keysFile(config);
  const kept = await readKeys(file);
  if (!lacksKeys(config, kept)) return complete(config, kept);
  if (lacksAuditKey(config, kept)) refuseLostKeys(file, await findNeeded());

  await mkdir(config.dataDir, { recursive: true, mode: 0o700 }).catch(() => {
    throw new ConfigError([
      'DATA_DIR names a folder that cannot be made: choose one that this user can write',
    ]);
  });
  return withFileLock(file, async () => {
    // Another process may have made the keys while this one waited.
    const current = await readKeys(file);
    if (!lacksKeys(config, current)) return complete(config, current);
    const made = makeMissing(config, current);
    await replaceFile(file, `${JSON.stringify(made, null, 2)}\n`);
    return complete(config, made);
  });
}

function keysFile({ dataDir }: Config): string {
  return join(dataDir, 'keys.json');
}

function refuseLostKeys(file: string, needed: readonly NeededKey[]): void {
  if (needed.length === 0) return;
  throw new ConfigError([
    `Stored logs need audit keys: ${describeNeeds(needed)}, and a new key could not check them. Bring back ${file} from a copy, or set AUDIT_KEYS to these keys. To leave these logs unverifiable, set AUDIT_KEYS to a new key (id:hex; make one: openssl rand -hex 32)`,
  ]);
}

async function readKeys(file: string): Promise<StoredKeys> {
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
  return lacksAuditKey(config, kept) || lacksCursorKey(config, kept);
}

function lacksAuditKey(config: Config, kept: StoredKeys): boolean {
  return config.auditKeys.length + kept.audit_keys.length === 0;
}

function lacksCursorKey(config: Config, kept: StoredKeys): boolean {
  return config.cursorKey === undefined && kept.cursor_key === undefined;
}

function makeMissing(config: Config, kept: StoredKeys): StoredKeys {
  const made = { ...kept };
  if (lacksAuditKey(config, kept)) made.audit_keys = [{ id: `k_${ulid()}`, hex: newKeyHex() }];
  if (lacksCursorKey(config, kept)) made.cursor_key = newKeyHex();
  return made;
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
  return Object.freeze({ ...config, auditKeys: joinKeys(config.auditKeys, kept.audit_keys), cursorKey });
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
