// Files of 100 to 300 KB that unpack to millions of lines.
import { packEntries, sessionPdf } from './containers.ts';
import { makeReport, ndjson } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { zipOf } from './zip-writer.ts';

const MIB = 1024 * 1024;
const whole = makeReport({ session: SESSIONS.sealed });
const stated = makeReport({ session: SESSIONS.sealed, report: { 'audit_log.event_count': 1e9 } });

const pdfWith = (bytes: Buffer, parts = whole) => sessionPdf({ ...parts, entries: bytes });

/** By name, each with the extension of its kind. */
export const HOSTILE_LINES: Readonly<Record<string, () => Buffer>> = {
  'line ends.pdf': () => pdfWith(Buffer.alloc(63 * MIB, '\n')),
  'zeros.pdf': () => pdfWith(Buffer.alloc(63 * MIB, '0\n')),
  'zeros that are counted.pdf': () => pdfWith(Buffer.alloc(63 * MIB, '0\n'), stated),
  'one line of zeros.pdf': () =>
    pdfWith(Buffer.concat([Buffer.from('['), Buffer.alloc(60 * MIB, '0,'), ndjson(['0]'])])),
  'line ends.zip': () => {
    const entries = { ...whole, entries: Buffer.alloc(192 * MIB, '\n') };
    return zipOf(packEntries(entries, null).map((entry) => ({ ...entry, deflate: true })));
  },
};
