// `--self-test`: one bit after another is changed, in memory, and each change must be caught.
import { canonicalize, type JsonValue, parseJson } from '../../../shared/audit/canonical-json.ts';
import { EXIT, type ExitCode } from '../../command/command.ts';
import type { EvidenceOptions } from './options.ts';
import { hasFailed } from './verdict.ts';
import { type Programs, verifyEvidence } from './verify-evidence.ts';

/** Places in a file, evenly spread, at which a bit is changed. */
const PLACES = 16;

type Change = readonly [name: string, bytes: Buffer];

export async function selfTest(
  files: readonly Buffer[],
  options: EvidenceOptions,
  programs: Programs,
  say: (line: string) => void,
): Promise<ExitCode> {
  let missed = 0;
  for (const [i, file] of files.entries()) {
    for (const [name, bytes] of changesOf(file)) {
      const { reports, exit } = await verifyEvidence(files.with(i, bytes), options, programs).catch(refused);
      const failed = reports.flatMap((verdicts) =>
        Object.entries(verdicts).flatMap(([axis, verdict]) => (hasFailed(verdict) ? [axis] : [])),
      );
      if (exit === 0) missed += 1;
      const how =
        failed.length > 0 ? `by ${[...new Set(failed)].join(', ')}` : 'nothing is verified any more';
      say(
        `${files.length === 1 ? '' : `file ${i + 1}, `}${name}: ${exit === 0 ? 'NOT CAUGHT' : `caught, ${how}`}`,
      );
    }
  }
  say(missed === 0 ? 'Every change was caught.' : `Changes that were not caught: ${missed}.`);
  return missed === 0 ? EXIT.done : EXIT.foundFailed;
}

/** A change that makes a file none of ours is caught. */
function refused() {
  return { reports: [], exit: EXIT.error } as const;
}

function* changesOf(file: Buffer): Generator<Change> {
  yield ['a byte more at its end', Buffer.concat([file, Buffer.of(0x20)])];
  yield ['a bit of its last byte', flip(file, file.length - 1)];
  if (file.toString('latin1', 0, 5) === '%PDF-') {
    yield* changesOfAttachments(file);
    return;
  }
  if (file[0] === 0x7b) {
    yield* changesOfMembers(file);
    return;
  }
  for (let i = 0; i < PLACES; i += 1) {
    const at = Math.floor((file.length * i) / PLACES);
    yield [`a bit of byte ${at}`, flip(file, at)];
  }
}

/** The packed bytes of each attached file, and its name. The pages are not checked but by printing them. */
function* changesOfAttachments(file: Buffer): Generator<Change> {
  let at = file.indexOf('/Type /EmbeddedFile');
  for (let number = 1; at >= 0; number += 1) {
    const begin = file.indexOf('\nstream\n', at) + 8;
    const end = file.indexOf('\nendstream', begin);
    yield [`a bit in the middle of attached file ${number}`, flip(file, (begin + end) >> 1)];
    yield [`a bit of the size of attached file ${number}`, flip(file, file.indexOf('/Size ', at) + 6)];
    at = file.indexOf('/Type /EmbeddedFile', end);
  }
  yield ['a bit of the list of attached files', flip(file, file.indexOf('/EmbeddedFiles') + 26)];
  yield ['a bit of the table', flip(file, file.lastIndexOf('\nxref\n') + 30)];
}

/** Each text and number that proves something, in JSON that stays canonical. */
function* changesOfMembers(file: Buffer): Generator<Change> {
  const PROVES = /^(?:evidence|event_proof|range_proof|merkle_root_hex)/;
  const text = file.toString();
  const paths = pathsIn(parseJson(text), []);
  for (const path of paths) {
    const name = path.join(' ').replace(/^report /, '');
    if (!PROVES.test(name) || /verifier_key| v$/.test(name)) continue;
    const whole = parseJson(text);
    const holder = path.slice(0, -1).reduce(memberOf, whole);
    const last = path.at(-1) as string;
    const changed = change(memberOf(holder, last));
    if (Array.isArray(holder)) holder[Number(last)] = changed;
    else if (holder instanceof Map) holder.set(last, changed);
    yield [`a bit of ${name}`, Buffer.from(canonicalize(whole))];
  }
}

function pathsIn(value: JsonValue, path: readonly string[]): string[][] {
  if (Array.isArray(value)) return value.flatMap((item, i) => pathsIn(item, [...path, `${i}`]));
  if (value instanceof Map) return [...value].flatMap(([name, member]) => pathsIn(member, [...path, name]));
  return typeof value === 'string' || typeof value === 'number' ? [[...path]] : [];
}

function memberOf(value: JsonValue, name: string): JsonValue {
  return (value instanceof Map ? value.get(name) : (value as JsonValue[])[Number(name)]) as JsonValue;
}

/** A bit of the tenth byte: within the name of a log, a hash, an id. */
function change(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value ^ 1;
  const bytes = Buffer.from(value as string);
  return flip(bytes, Math.min(10, bytes.length - 1)).toString();
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
