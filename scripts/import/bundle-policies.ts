// Reads the bundle's policy versions: each text byte for byte, with the name and version that its file name states.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { composeName } from '../../shared/policy/composed-name.ts';
import { POLICY_SIZE_LIMIT } from '../../shared/policy/load-policy-yaml.ts';
import { parsePolicy } from '../../shared/policy/parse-policy.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import type { PolicyVersion } from '../../shared/policy/policy-repository.ts';
import { describePlace, openYamlPlaces } from '../../shared/yaml/find-place.ts';
import { listPolicies, POLICY_FILE } from './bundle-files.ts';
import { describeEncoding } from './encoding.ts';
import { describeDisguise, describeGzipError, gunzipWhole } from './gzip.ts';
import type { Problems } from './problems.ts';

export type BundlePolicy = PolicyVersion & Readonly<{ logPayloads: boolean }>;

/**
 * Policies by `NAME@VERSION`. A file that is not a usable policy becomes a problem and is left out, and so do two files
 * of one version: which of them was in force is not known.
 */
export async function readPolicies(folder: string, problems: Problems): Promise<Map<string, BundlePolicy>> {
  const policies = new Map<string, BundlePolicy>();
  const { files, others } = await listPolicies(folder);
  problems.addUnread('policies/', others, 'a policy is named NAME@VERSION.yaml or .yml, or either with .gz');
  const byId = Map.groupBy(files, idOf);
  const spellings = Map.groupBy(byId.keys(), composeName);
  for (const [id, names] of byId) {
    const place = `policies/${names.join(' and ')}`;
    // Composed, since some file systems store names decomposed; not where both spellings are there.
    const spell = spellings.get(composeName(id))?.length === 1 ? composeName : asIs;
    const isOf = (other: string) => spell(other) === spell(id);
    const policy = names.length > 1 ? TWICE : await readPolicy(join(folder, names[0] as string), isOf);
    if (typeof policy === 'string') {
      problems.add(place, policy);
      continue;
    }
    const { unreadKeys, ...version } = policy;
    if (version.text.startsWith('\ufeff')) problems.warn(place, MARKED);
    if (version.text.includes('\r\n')) problems.warn(place, CRLF);
    warnOfUnread(place, unreadKeys, problems);
    policies.set(`${version.name}@${version.version}`, version);
  }
  return policies;
}

const TWICE = 'are one policy version: keep the file that is the export’s';

const MARKED =
  'begins with a byte order mark, which counts as a part of it: take the mark off if the export had none, since the ' +
  'seals of sessions cover the bytes of their policy';

const CRLF =
  'has lines that end in CRLF, which count as a part of it: make them LF if the export had LF, since the seals of ' +
  'sessions cover the bytes of their policy';

/** `NAME@VERSION` of a file. */
function idOf(file: string): string {
  return file.replace(POLICY_FILE, '');
}

function asIs(id: string): string {
  return id;
}

/** `isOf`: whether the file is named for this `NAME@VERSION`. */
async function readPolicy(
  path: string,
  isOf: (id: string) => boolean,
): Promise<(BundlePolicy & Pick<Policy, 'unreadKeys'>) | string> {
  const bytes = await readBytes(path);
  if (typeof bytes === 'string') return bytes;
  // A text without a mark may be UTF-8 as well, with zeros in it.
  const encoding = describeEncoding(bytes);
  if (encoding !== null) return encoding;
  const text = decodeUtf8(bytes);
  if (text === null) return 'is not UTF-8';
  const parsed = parsePolicy(text);
  if (!parsed.ok) return `is not a usable policy: ${parsed.problems.join('; ')}`;
  const { name, version, audit, unreadKeys } = parsed.policy;
  if (!isOf(`${name}@${version}`)) {
    const placeOf = openYamlPlaces(text);
    const places = ['name', 'version'].map((field) => describePlace([field], placeOf([field])));
    return `has another name or version than its file name: ${places.join(', ')}`;
  }
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  return { name, version, text, sha256Hex, logPayloads: audit.logPayloads, unreadKeys };
}

/** The decompressed bytes, or the problem of the file. */
async function readBytes(path: string): Promise<Buffer | string> {
  try {
    const found = await stat(path);
    // A pipe would never end.
    if (!found.isFile()) return 'is not a file: put the export’s file in its place';
    if (found.size > POLICY_SIZE_LIMIT) return TOO_LARGE;
    const bytes = await readFile(path);
    const disguise = describeDisguise(path, bytes);
    if (disguise !== null) return disguise;
    return path.endsWith('.gz') ? gunzipWhole(bytes, POLICY_SIZE_LIMIT) : bytes;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE;
    return describeGzipError(error) ?? `cannot be read (${code})`;
  }
}

const TOO_LARGE = `is larger than ${POLICY_SIZE_LIMIT / 1024} KiB`;

function warnOfUnread(place: string, unreadKeys: Policy['unreadKeys'], problems: Problems): void {
  for (const { place: key, nearest } of unreadKeys) {
    problems.warn(place, `${key} is not known and has no effect; ${hintOf(key, nearest)}`);
  }
}

function hintOf(key: string, nearest: string | null): string {
  if (nearest !== null) return `the nearest known is ${nearest}`;
  return /\.\d+$/.test(key) ? 'a number is written with a point, as 0.95' : 'no known key is near';
}
