// Arguments and packs with one thing wrong that a single check sees.
import { crc32 } from 'node:zlib';
import { type Argument, AUDIT_KEY_LINE, type CorpusCase, KEY, oneCase, refusedCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { makeReport } from './session-reports.ts';
import { OTHER_ACCOUNT, SESSIONS } from './sessions.ts';
import type { ZipEntry } from './zip-writer.ts';

const { sealed } = SESSIONS;
const whole = makeReport({ session: sealed });

export function argumentCases(): CorpusCase[] {
  const refused = (name: string, options: readonly Argument[], exit: 1 | 64 = 64) =>
    refusedCase(`arguments: ${name}`, [whole.json, ...options], exit);
  const audit = (scope: string) => ['--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE};${scope}`)];
  return [
    refused('audit keys with an unknown limit that is a time', audit('since=2026-01-01T00:00:00Z'), 1),
    ...auditKeyCases(),
    refused('--json with a value', ['--json=1']),
    refused('--files', ['--files=1']),
    refused('a self-test of two files', ['--self-test', whole.json, '--self-test', whole.json]),
  ];
}

/** A key and its scope, or several keys, that are refused. */
const REFUSED_KEYS: Readonly<Record<string, string>> = {
  'of an account that is a time': ';account=2026-01-01T00:00:00Z',
  'of an account that is none': ';account=acc_1',
  'of an account and something more': `;account=${sealed.accountId}=1`,
  'before an account': `;not_before=${sealed.accountId}`,
  'before no time': ';not_before=soon',
  'before a time without seconds': ';not_before=2026-05-01T00:00Z',
  'before a time in parts of a millisecond': ';not_before=2026-05-01T00:00:00.1234Z',
  'before a day that no calendar has': ';not_before=2026-02-30T00:00:00Z',
  'before a time with an unknown offset': ';not_before=2026-05-01T00:00:00-00:00',
  'before a time with an offset of a day': ';not_before=2026-05-01T00:00:00+24:00',
  'before a time with an offset of sixty minutes': ';not_before=2026-05-01T00:00:00+00:60',
  'before a time ahead of the year 0': ';not_before=0000-01-01T00:00:00+00:01',
  'after a time behind the year 9999': ';not_after=9999-12-31T23:59:59-00:01',
  'before two times': ';not_before=2026-01-01T00:00:00Z;not_before=2026-01-02T00:00:00Z',
  'after two times': ';not_after=2026-06-01T00:00:00Z;not_after=2026-06-02T00:00:00Z',
  'after its end': ';not_before=2026-05-03T00:00:00Z;not_after=2026-05-01T00:00:00Z',
  'of one id with two scopes': `\n${AUDIT_KEY_LINE};account=${sealed.accountId}`,
  'behind a separator of information': `\n\u001c${AUDIT_KEY_LINE}`,
  'behind the next-line control': `\n\u0085${AUDIT_KEY_LINE}`,
  'behind a space of no width': `\n\u200b${AUDIT_KEY_LINE}`,
  'before a separator of information': `\u001f`,
  'of an account behind a separator of information': `;\u001daccount=${sealed.accountId}`,
  'of an account before the next-line control': `;account=${sealed.accountId}\u0085`,
  'of one value with two scopes': `\n${AUDIT_KEY_LINE.replace(':', '2:')}00;account=${sealed.accountId}`,
};

const SPACES = '\t\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

const TAKEN_KEYS: Readonly<Record<string, string>> = {
  'between spaces': `\n${SPACES}${AUDIT_KEY_LINE}${SPACES}`,
  'with a scope between spaces': `${SPACES};${SPACES}account=${sealed.accountId}${SPACES}`,
  'before a time with an offset': ';not_before=2026-05-02T23:07:54+02:00',
  'before a time with half a second': ';not_before=2026-05-02T21:07:54.5Z',
  'before a time with zeros past the millisecond': ';not_before=2026-05-02T21:07:54.520000Z',
  'after the very time': ';not_after=2026-05-02T16:07:54.520-05:00',
  'between a time and itself': ';not_before=2026-05-02T21:07:54.52Z;not_after=2026-05-02T21:07:54.520Z',
  'beside one of another scope': `\nk_other:${'22'.repeat(32)};account=${OTHER_ACCOUNT}`,
  'of two accounts in two orders':
    `;account=${sealed.accountId};account=${OTHER_ACCOUNT}\n` +
    `${AUDIT_KEY_LINE};account=${OTHER_ACCOUNT};account=${sealed.accountId}`,
};

function auditKeyCases(): CorpusCase[] {
  const file = (text: string) => ['--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE}${text}\n`)] as const;
  const pdf = sessionPdf(whole);
  return [
    ...Object.entries(REFUSED_KEYS).map(([name, text]) =>
      refusedCase(`audit key ${name}`, [whole.json, ...file(text)], 1),
    ),
    ...Object.entries(TAKEN_KEYS).map(([name, text]) =>
      oneCase(`audit key ${name}`, pdf, [...KEY, ...file(text)], 'vvvvv--v'),
    ),
    oneCase(
      'audit key before a time an hour too late',
      pdf,
      [...KEY, ...file(';not_before=2026-05-02T21:07:54-01:00')],
      'vvvvv--x',
    ),
  ];
}

/** Bytes of all files of a pack, unpacked. */
const UNPACKED_LIMIT = 256 * 1024 * 1024;

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
  const sized = (size: number) => first(() => ({ local: { size }, central: { size } }));
  const descriptor = ({ bytes }: ZipEntry, crc: number) => {
    const behind = Buffer.alloc(16);
    for (const [i, value] of [0x08074b50, crc, bytes.length, bytes.length].entries())
      behind.writeUInt32LE(value, 4 * i);
    return behind;
  };
  const crc = crc32(whole.json);
  const longer = (entry: ZipEntry): ZipEntry => {
    const more = Buffer.concat([entry.bytes, Buffer.alloc(1)]);
    const stated = { crc: crc32(more), size: more.length };
    return { ...entry, deflate: true, local: stated, central: stated };
  };
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
    ...Object.entries({
      'sizes before and behind a file that differ': { crc: 1 },
      'a packed size before and sizes behind a file': { packedSize: 1 },
      'a size before and sizes behind a file': { size: 1 },
    }).map(([what, before]) =>
      pack(
        what,
        first((entry) => ({
          local: { ...zeros, flags: 8, ...before },
          central: { flags: 8 },
          behind: descriptor(entry, crc),
        })),
      ),
    ),
    pack(
      'sizes behind a file under another signature',
      first((entry) => ({
        local: { ...zeros, flags: 8 },
        central: { flags: 8 },
        behind: Buffer.concat([Buffer.of(1), descriptor(entry, crc).subarray(1)]),
      })),
    ),
    pack(
      'sizes behind a file that are before it too',
      first(() => ({ local: { flags: 8 }, central: { flags: 8 } })),
    ),
    pack(
      'a size and a CRC-32 of a byte more than there is',
      packOf(whole, (entries) =>
        entries.map((entry) => (entry.name === 'verify.mjs' ? longer(entry) : entry)),
      ),
    ),
    pack('a size of 256 MiB that is not that of its bytes', sized(UNPACKED_LIMIT)),
    refusedCase('part of a pack: a size of more than 256 MiB', [sized(UNPACKED_LIMIT + 1), ...KEY], 1),
    pack(
      'a size that is not that of its bytes',
      first(({ bytes }) => ({ local: { size: bytes.length + 1 }, central: { size: bytes.length + 1 } })),
    ),
  ];
}
