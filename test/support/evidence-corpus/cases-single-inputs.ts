// Arguments and packs with one thing wrong that a single check sees.
import { crc32 } from 'node:zlib';
import { type Argument, AUDIT_KEY_LINE, type CorpusCase, KEY, oneCase, refusedCase } from './case.ts';
import { packOf } from './containers.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import type { ZipEntry } from './zip-writer.ts';

const whole = makeReport({ session: SESSIONS.sealed });

export function argumentCases(): CorpusCase[] {
  const refused = (name: string, options: readonly Argument[], exit: 1 | 64 = 64) =>
    refusedCase(`arguments: ${name}`, [whole.json, ...options], exit);
  const audit = (scope: string) => ['--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE};${scope}`)];
  return [
    refused('audit keys with an unknown limit that is a time', audit('since=2026-01-01T00:00:00Z'), 1),
    refused('audit keys before no time', audit('not_before=soon'), 1),
    refused('--json with a value', ['--json=1']),
    refused('--files', ['--files=1']),
    refused('a self-test of two files', ['--self-test', whole.json, '--self-test', whole.json]),
  ];
}

export function zipCases(): CorpusCase[] {
  const first = (change: (entry: ZipEntry) => Partial<ZipEntry>) =>
    packOf(whole, (entries) =>
      entries.map((entry, i) =>
        i === 0 ? { ...entry, deflate: false, ...change({ ...entry, deflate: false }) } : entry,
      ),
    );
  const pack = (name: string, file: Buffer, marks = 'x-------') =>
    oneCase(`part of a pack: ${name}`, file, KEY, marks);
  const zeros = { crc: 0, packedSize: 0, size: 0 };
  const descriptor = ({ bytes }: ZipEntry, crc: number) => {
    const behind = Buffer.alloc(16);
    for (const [i, value] of [0x08074b50, crc, bytes.length, bytes.length].entries())
      behind.writeUInt32LE(value, 4 * i);
    return behind;
  };
  const crc = crc32(whole.json);
  return [
    pack('twelve bytes', Buffer.from('504b504b05060000000000000000'.slice(0, 24), 'hex')),
    pack(
      'a way of storing that is none',
      first(() => ({ local: { method: 99 }, central: { method: 99 } })),
    ),
    pack(
      'an extra field that is not there',
      first(() => ({ local: { extraSize: 4 } })),
    ),
    pack(
      'an extra field in the directory that is not there',
      first(() => ({ central: { extraSize: 4 } })),
    ),
    pack('a second disk', packOf(whole, undefined, { disk: 1 })),
    pack('a directory on a second disk', packOf(whole, undefined, { directoryDisk: 1 })),
    pack(
      'another version in its header than in the directory',
      first(() => ({ local: { version: 21 } })),
    ),
    pack(
      'a shorter name in its header than in the directory',
      first(({ name }) => ({ local: { nameSize: name.length - 1 } })),
    ),
    pack(
      'a file that would end behind the pack, with sizes behind it',
      first((entry) => ({
        local: { ...zeros, flags: 8 },
        central: { flags: 8, packedSize: 10_000_000, size: 10_000_000 },
        behind: descriptor(entry, crc),
      })),
    ),
    pack(
      'sizes behind a file that does not say so',
      first((entry) => ({ local: zeros, behind: descriptor(entry, crc) })),
    ),
    pack(
      'sizes before and behind a file that differ',
      first((entry) => ({
        local: { ...zeros, flags: 8, crc: 1 },
        central: { flags: 8 },
        behind: descriptor(entry, crc),
      })),
    ),
    pack(
      'sizes behind a file that are before it too',
      first(() => ({ local: { flags: 8 }, central: { flags: 8 } })),
    ),
    pack(
      'a size that is not that of its bytes',
      first(({ bytes }) => ({ local: { size: bytes.length + 1 }, central: { size: bytes.length + 1 } })),
    ),
  ];
}
