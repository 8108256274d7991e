// Files that the verifiers did not judge alike: values of another type, other spellings, and what a report on many
// sessions states beside the log's lines on them.
import { crc32 } from 'node:zlib';
import { LOG, LOG_KEY, tlogPartsOf, tlogProofOf } from './account-log.ts';
import { AUDIT_KEY_LINE, type CorpusCase, KEY, MACS, oneCase, refusedCase, saying } from './case.ts';
import { packEntries, packOf, sessionPdf } from './containers.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import { type Changes, json } from './json-edit.ts';
import { overreachingZip } from './overreaching-zip.ts';
import { type AttachedFile, rebuilt } from './plain-pdf.ts';
import { makeReport, type ReportParts, statementOf } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';
import type { ZipEntry } from './zip-writer.ts';

const { sealed, long } = SESSIONS;
const whole = makeReport({ session: sealed });
const wide = makeWide();

export function alikeCases(): CorpusCase[] {
  return [...proofCases(), ...reportCases(), ...wideCases(), ...noteCases(), ...packCases(), ...pdfCases()];
}

function proofCases(): CorpusCase[] {
  const event = (name: string, change: Changes, marks: string) =>
    oneCase(`event proof with ${name}`, eventProof(sealed, 4, { change }), [...KEY, ...MACS], marks);
  const range = (name: string, change: Changes, marks: string) =>
    oneCase(`range proof with ${name}`, rangeProof(long, 3, 8, { change }), [...KEY, ...MACS], marks);
  return [
    event('true as its version', { v: true }, 'x-------'),
    event('half an index', { index: 0.5 }, 'x-------'),
    event('an index beyond what a double holds', { index: 2 ** 53 }, 'x-------'),
    event('the last index that a double holds', { index: 2 ** 53 - 1 }, 'v-x-v--v'),
    event(
      'the last index and size that a double holds',
      { index: 2 ** 53 - 1, size: 2 ** 53 - 1 },
      'v-x-v--v',
    ),
    event('a size below zero, and the audit key', { size: -1 }, 'v-x-v--v'),
    event('no entry but a null, and the audit key', { entry: 'null' }, 'v-x-v--x'),
    event('no entry but a list, and the audit key', { entry: '[]' }, 'v-x-v--x'),
    range('true as its version', { v: true }, 'x-------'),
    range('the size of another session, and the audit key', { size: 1 }, 'v-x-v--v'),
    range('no entries, and the audit key', { entries: json([]) }, 'v-x-v--v'),
    range('the last beginning that a double holds', { from: 2 ** 53 - 1 }, 'v-x-v--v'),
    range('the last end that a double holds', { to: 2 ** 53 - 1 }, 'v-x-v--v'),
    range('half a beginning', { from: 0.5 }, 'x-------'),
  ];
}

function reportCases(): CorpusCase[] {
  const unsigned = (name: string, report: Changes, marks: string) =>
    oneCase(`JSON with ${name}`, makeReport({ session: sealed, report, key: null }).json, KEY, marks);
  const inPack = (name: string, report: Changes, marks: string) =>
    oneCase(`pack with ${name}`, packOf(makeReport({ session: sealed, report })), KEY, marks);
  const started = (name: string, at: string) =>
    oneCase(
      `PDF of a session that started ${name}, with an audit key that has a beginning`,
      sessionPdf(makeReport({ session: sealed, report: { 'session.started_at': at } })),
      [...KEY, '--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE};not_before=2026-01-01T00:00:00Z\n`)],
      'vvv-x--x',
    );
  return [
    started('on a day that does not exist', '2026-02-30T00:00:00Z'),
    started('at 24 hours', '2026-05-02T24:00:00Z'),
    started('at no time of a day', '2026-05-02'),
    unsigned('half a redaction', { redaction_count: 0.5 }, 'x-------'),
    unsigned('fewer entries than none', { 'audit_log.event_count': -1 }, 'x-------'),
    unsigned('no end of its session', { 'session.ended_at': undefined }, 'x-------'),
    unsigned('another audit key than the log has', { 'audit_log.key_id': 'k_other' }, '----x---'),
    unsigned(
      'its session’s end as it was logged',
      { 'session.ended_at': '2026-05-02T21:08:11.000Z' },
      '----x---',
    ),
    inPack('true in place of one redaction', { 'redactions_by_kind.PHONE': true }, 'vvx-v---'),
    inPack('an origin that is a number', { 'evidence.origin': 1 }, '-x--x---'),
  ];
}

function wideCases(): CorpusCase[] {
  const signed = (name: string, report: Changes, marks: string) =>
    oneCase(`account report with ${name}, signed`, widePdf(makeWide({ report })), KEY, marks);
  const unsigned = (name: string, report: Changes) =>
    oneCase(
      `account report without a statement, with ${name}`,
      widePdf(makeWide({ report, key: null })),
      KEY,
      '----x---',
    );
  const named = (window: string) => {
    const name = wide.name.replace(/-2026-05\.json$/, `-${window}.json`);
    return oneCase(`account report named after ${window}`, widePdf({ ...wide, name }), KEY, 'x-------');
  };
  return [
    oneCase(
      'account report with an unsealed session',
      widePdf(makeWide({ sessions: Object.values(SESSIONS), log: LOG })),
      KEY,
      'vvv-v---',
    ),
    unsigned('another start of a session', { 'sessions.0.started_at': '2026-05-09T21:07:54.520Z' }),
    unsigned('another end of a session', { 'sessions.0.ended_at': '2026-05-09T21:08:11Z' }),
    unsigned('a sealed session called unsealed', { 'sessions.0.state': 'unsealed' }),
    unsigned('a closed session called open', { 'sessions.0.state': 'open' }),
    signed('the lines of a log that it does not name', { evidence: null }, 'vvv-----'),
    signed('half a log index of an open session', { 'sessions.2.log_index': 0.5 }, 'x-------'),
    signed('a kind that is null', { 'redactions_by_kind.X': null }, 'vvx-v---'),
    signed('a kind that is a text', { 'redactions_by_kind.X': '' }, 'vvx-v---'),
    signed('a kind below zero', { 'redactions_by_kind.X': -1, 'redactions_by_kind.Y': 1 }, 'vvx-v---'),
    signed('half a kind', { 'redactions_by_kind.X': 0.5, 'redactions_by_kind.Y': -0.5 }, 'vvx-v---'),
    signed('a pass below zero', { 'redactions_by_pass.x': -1, 'redactions_by_pass.y': 1 }, 'vvx-v---'),
    signed('no window', { window: undefined }, 'x-------'),
    signed('a period that is a number', { 'window.period': 2026 }, 'x-------'),
    signed('no period', { 'window.period': undefined }, 'x-------'),
    ...['since', 'until', 'period'].map((name) =>
      oneCase(
        `JSON of an account report whose window has a number as its ${name}`,
        makeWide({ report: { [`window.${name}`]: 5 }, key: null }).json,
        KEY,
        'x-------',
      ),
    ),
    signed('a window without an end', { 'window.until': null }, 'x-------'),
    oneCase(
      'multiproof with true as its version',
      widePdf(makeWide({ multiproof: { v: true } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'multiproof with a number as a hash',
      widePdf(makeWide({ multiproof: { 'hashes.0': 1 } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'account report of two times, named after their days',
      widePdf({
        ...makeWide({ report: { 'window.period': null } }),
        name: wide.name.replace('2026-05.json', '2026-05-01-to-2026-06-01.json'),
      }),
      KEY,
      'vvvvv---',
    ),
    ...['2026-06', '2026-Q3', '2026-05-01-to-2026-06-01'].map(named),
  ];
}

function noteCases(): CorpusCase[] {
  const signature = Buffer.alloc(68, 7).toString('base64');
  const beside = (name: string, signer: string, marks: string) =>
    oneCase(
      `statement with a signature by ${name}`,
      packOf({ ...whole, note: `${whole.note}\u2014 ${signer} ${signature}\n` }),
      KEY,
      marks,
    );
  const room = 65_536 - (whole.note as string).length - signature.length - 4;
  return [
    beside('a name with a byte order mark, which is no space', 'fo\ufeffo', 'vvvvv---'),
    beside('a name that fills the note', `😀${'a'.repeat(room - 2)}`, 'vvvvv---'),
    beside('a name of half characters that is one too long', `😀${'a'.repeat(room - 1)}`, 'vxvvv---'),
  ];
}

function packCases(): CorpusCase[] {
  const changed = (name: string, file: string, change: (entry: ZipEntry) => ZipEntry) =>
    oneCase(
      `pack with ${name}`,
      packOf(whole, (entries) => entries.map((each) => (each.name === file ? change(each) : each))),
      KEY,
      'x-------',
    );
  const flagged = (flags: number) => (entry: ZipEntry) => ({
    ...entry,
    local: { flags },
    central: { flags },
  });
  const proof = tlogProofOf(tlogPartsOf(whole.evidence as NonNullable<ReportParts['evidence']>));
  const others = packEntries(whole, null).filter(({ name }) => name !== 'VERIFY.md');
  const gibibyte = { size: 2 ** 30 };
  const long = packOf(whole, (entries) =>
    entries.map((each) =>
      each.name === 'entries.ndjson' ? { ...each, local: gibibyte, central: gibibyte } : each,
    ),
  );
  return [
    refusedCase('pack that is larger unpacked than programs hold', [long, ...KEY], 1),
    oneCase('pack with a file that reaches beyond its end', overreachingZip(others), KEY, 'x-------'),
    changed('a hint on how hard it was packed', 'report.json', flagged(2)),
    changed('a size behind the file', 'report.json', (entry) => {
      const behind = Buffer.alloc(16);
      behind.writeUInt32LE(0x08074b50, 0);
      behind.writeUInt32LE(crc32(entry.bytes), 4);
      behind.writeUInt32LE(entry.bytes.length, 8);
      behind.writeUInt32LE(entry.bytes.length, 12);
      const local = { flags: 8, crc: 0, size: 0, packedSize: 0 };
      return { ...entry, deflate: false, local, central: { flags: 8 }, behind };
    }),
    changed('JSON that is no report', 'report.json', (entry) => ({ ...entry, bytes: Buffer.from('{}') })),
    changed('a proof that is not UTF-8', 'session.tlog-proof', (entry) => ({
      ...entry,
      bytes: Buffer.concat([Buffer.from(proof), Buffer.of(0xff)]),
    })),
  ];
}

const BEYOND = { size: 64 * 1024 * 1024 + 1 };

function pdfCases(): CorpusCase[] {
  const pdf = sessionPdf(whole);
  const inObjects = (name: string, from: string, to: string) =>
    oneCase(
      `PDF with ${name}`,
      rebuilt(pdf, ({ objects }) => {
        for (const [number, body] of objects)
          objects.set(
            number,
            body.replace(from, () => to),
          );
      }),
      KEY,
      'x-------',
    );
  const attached = (name: string, change: (files: AttachedFile[]) => AttachedFile[]) =>
    oneCase(`PDF with ${name}`, sessionPdf(whole, change), KEY, 'x-------');
  const report = (change: Partial<AttachedFile>) => (files: AttachedFile[]) =>
    files.map((file) => (file.name.endsWith('.json') ? { ...file, ...change } : file));
  const note = (change: Partial<AttachedFile>) => (files: AttachedFile[]) =>
    files.map((file) => (file.name === 'report.note' ? { ...file, ...change } : file));
  const tooLarge = (what: string, change: (files: AttachedFile[]) => AttachedFile[]) =>
    saying(
      oneCase(
        `PDF with ${what} of more bytes than programs take`,
        sessionPdf(whole, change),
        KEY,
        '--------',
      ),
      { bytes: 'larger than the 67108864 bytes' },
    );
  const signed = (text: string) => ({ ...whole, note: statementOf(Buffer.from(text), LOG_KEY) });
  return [
    inObjects('a catalog of another type', '/Type /Catalog', '/Type /Pages'),
    inObjects('a page whose type is a list', '/Type /Page\n', '/Type [ ]\n'),
    inObjects('a list of pages whose type is a dictionary', '/Type /Pages\n', '/Type <<\n>>\n'),
    inObjects('a page of no list of pages', '/Parent 2 0 R', '/Parent 3 0 R'),
    inObjects('a page without a width', '[ 0 0 595 842 ]', '[ 0 0 null 842 ]'),
    inObjects('a page whose size is a number', '[ 0 0 595 842 ]', '595'),
    inObjects('a page of three sides', '[ 0 0 595 842 ]', '[ 0 0 595 ]'),
    inObjects('a page whose size is a text', '[ 0 0 595 842 ]', '(A4 )'),
    attached('a name in its list with an escape', note({ listedAs: 'report.not\\e' })),
    attached('a name of a file with an escape', note({ fileName: 'r\\145port.note' })),
    tooLarge('a report', report(BEYOND)),
    tooLarge('a statement', note(BEYOND)),
    attached('a null in place of the report', report({ bytes: Buffer.from('null') })),
    attached('a list in place of the report', report({ bytes: Buffer.from('[]') })),
    oneCase(
      'PDF with JSON that is no report, signed',
      sessionPdf(signed('{}'), report({ bytes: Buffer.from('{}') })),
      KEY,
      'x-------',
    ),
  ];
}
