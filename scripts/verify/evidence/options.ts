// The options of `npm run verify -- FILE --key VERIFIER_KEY`.
import { readFile } from 'node:fs/promises';
import type { AuditKeyBytes } from '../../../shared/audit/audit-keys.ts';
import { parseAuditKeys } from '../../../shared/process/audit-keys-setting.ts';
import {
  type KeyKind,
  parseVerifierKey,
  type VerifierKey,
} from '../../../shared/transparency/verifier-key.ts';
import { callerPath, describeFileFailure } from '../../command/caller-file.ts';
import { UsageError } from '../../command/command.ts';
import { EVIDENCE_AXES } from './verdict.ts';

export type EvidenceOptions = Readonly<{
  /** Of one log. */
  keys: readonly VerifierKey[];
  witnesses: readonly VerifierKey[];
  /** Null where none were given. */
  auditKeys: readonly AuditKeyBytes[] | null;
  required: readonly string[];
}>;

export const EVIDENCE_OPTIONS = {
  key: { type: 'string', multiple: true },
  witness: { type: 'string', multiple: true },
  'audit-key-file': { type: 'string' },
  require: { type: 'string', multiple: true },
  'self-test': { type: 'boolean' },
} as const;

export type EvidenceValues = Readonly<{
  key?: string[] | undefined;
  witness?: string[] | undefined;
  'audit-key-file'?: string | undefined;
  require?: string[] | undefined;
}>;

export async function readOptions(values: EvidenceValues): Promise<EvidenceOptions> {
  const keys = keysOf('--key', values.key, 'ed25519');
  if (keys.some(({ name }) => name !== keys[0]?.name))
    throw new UsageError('All keys (--key) are of one log.');
  const required = (values.require ?? []).flatMap((list) => list.split(','));
  const known: readonly string[] = [...EVIDENCE_AXES, 'relation'];
  if (!required.every((axis) => known.includes(axis)))
    throw new UsageError(`--require takes axes: ${known.join(', ')}.`);
  return {
    keys,
    witnesses: keysOf('--witness', values.witness, 'cosignature'),
    auditKeys: await auditKeysIn(values['audit-key-file']),
    required,
  };
}

function keysOf(option: string, texts: readonly string[] = [], kind: KeyKind): VerifierKey[] {
  return texts.map((text) => {
    const key = parseVerifierKey(text);
    if (key?.kind !== kind)
      throw new UsageError(
        `${option} takes a verifier key, as its owner hands it out: <name>+<key id>+<base64>.`,
      );
    return key;
  });
}

async function auditKeysIn(path: string | undefined): Promise<readonly AuditKeyBytes[] | null> {
  if (path === undefined) return null;
  const text = await readFile(callerPath(path), 'utf8').catch((error: unknown) => {
    throw new Error(`--audit-key-file: ${describeFileFailure(callerPath(path), 'read', error)}`);
  });
  const parsed = parseAuditKeys(text);
  if (!parsed.ok) throw new Error(`The file of audit keys cannot be used: ${parsed.problem}`);
  if (parsed.keys.length === 0) throw new Error('The file of audit keys holds none: a key is id:hex.');
  return parsed.keys;
}
