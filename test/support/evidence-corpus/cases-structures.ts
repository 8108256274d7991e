// Structures that a container or a record could have and ours never has: each is refused by one check alone.
import {
  checkpointOf,
  evidenceOf,
  LOG,
  LOG_KEY,
  logOf,
  OTHER_KEY,
  OTHER_ORIGIN,
  tlogPartsOf,
  tlogProofOf,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { rangeProof } from './event-proofs.ts';
import { json } from './json-edit.ts';
import { rebuilt } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { closedText, SESSIONS } from './sessions.ts';
import { base64, inclusionOf, rootOf } from './trees.ts';
import { makeWide, WIDE_LOG, widePdf } from './wide-reports.ts';
import { type ZipEntry, zipOf } from './zip-writer.ts';

const { sealed, empty } = SESSIONS;
const whole = makeReport({ session: sealed });
const pdf = sessionPdf(whole);
const good = evidenceOf(sealed);

/** The PDF with this text in place of another, in all of its objects. */
const inObjects = (from: string | RegExp, to: string) =>
  rebuilt(pdf, ({ objects }) => {
    let found = 0;
    for (const [number, body] of objects) {
      const changed = body.replace(from, () => to);
      found += changed === body ? 0 : 1;
      objects.set(number, changed);
    }
    if (found === 0) throw new Error(`The corpus found no ${from} to change`);
  });

const PDFS: Readonly<Record<string, () => Buffer>> = {
  'a stream of a negative length': () => inObjects(/\/Length \d+\n>>\nstream\n/, '/Length -1\n>>\nstream\n'),
  'a stream longer than the file': () =>
    inObjects(/\/Length \d+\n>>\nstream\n/, '/Length 99999999\n>>\nstream\n'),
  'a stream without a length': () => inObjects(/\/Length \d+\n>>\nstream\n/, '>>\nstream\n'),
  'a text without an end': () => inObjects('/Lang (en)', '/Lang (en'),
  'a name tree of destinations': () =>
    inObjects('/Names <<\n/EmbeddedFiles', '/Names <<\n/Dests <<\n>>\n/EmbeddedFiles'),
  'a name without a file': () =>
    inObjects(/(\/Names \[ \(entries[^)]*\)) \d+ 0 R/, '/Names [ (entries.ndjson)'),
  'a list of attachments that is a text': () =>
    inObjects(/\/Names \[ \(entries[^\n]*\]/, '/Names (entries.ndjson)'),
  'an empty list of attachments': () => inObjects(/\/Names \[ \(entries[^\n]*\]/, '/Names [ ]'),
  'an attachment listed by a name object': () =>
    inObjects('/Names [ (entries.ndjson)', '/Names [ /entries.ndjson'),
  'an attachment that is not an object of its own': () =>
    inObjects(/(\(entries\.ndjson\)) \d+ 0 R/, '(entries.ndjson) null'),
  'an attachment with a second content': () => inObjects(/\/EF <<\n/, '/EF <<\n/DOS 1 0 R\n'),
  'an attachment with another filter': () =>
    inObjects('/Filter /FlateDecode\n/Length', '/Filter /LZWDecode\n/Length'),
  'an attachment without its size': () => inObjects(/\/Size \d+\n\/CreationDate/, '/CreationDate'),
  'an attachment without its checksum': () => inObjects(/\/CheckSum <[0-9a-f]*>\n/, ''),
  'an attachment of half a byte more': () =>
    inObjects(/\/Size (\d+)\n\/CreationDate/, '/Size 1.5\n/CreationDate'),
};

const first =
  (change: Partial<ZipEntry>) =>
  (entries: ZipEntry[]): ZipEntry[] =>
    entries.map((entry, i) => (i === 0 ? { ...entry, deflate: false, ...change } : entry));

/** The pack with bytes of its directory set to others. */
const patched = (at: number, bytes: readonly number[]) => {
  const zip = Buffer.from(packOf(whole, first({})));
  Buffer.from(bytes).copy(zip, zip.readUInt32LE(zip.length - 22 + 16) + at);
  return zip;
};

const descriptor = (crc: number, size: number) => {
  const bytes = Buffer.alloc(16);
  for (const [i, value] of [0x08074b50, crc, size, size].entries()) bytes.writeUInt32LE(value >>> 0, 4 * i);
  return bytes;
};

/** The pack with another signature before its second file. */
function misbegun(): Buffer {
  const zip = Buffer.from(packOf(whole, first({})));
  zip[zip.indexOf('PK\u0003\u0004', 4)] = 0x51;
  return zip;
}

const PACKS: Readonly<Record<string, () => Buffer>> = {
  'a file that begins with something else': misbegun,
  'a directory that begins with something else': () => patched(0, [0x51]),
  'a file on another disk': () => patched(34, [1, 0]),
  'a count of this disk that is another': () => {
    const zip = Buffer.from(packOf(whole));
    zip.writeUInt16LE(1, zip.length - 22 + 8);
    return zip;
  },
  'a data descriptor of another size': () =>
    packOf(
      whole,
      first({
        local: { flags: 8, crc: 0, packedSize: 0, size: 0 },
        central: { flags: 8 },
        behind: descriptor(1, 2),
      }),
    ),
  'a packed size beyond its directory': () =>
    packOf(whole, first({ local: { packedSize: 9e6 }, central: { packedSize: 9e6 } })),
};

export function structureCases(): CorpusCase[] {
  return [
    ...Object.entries(PDFS).map(([name, make]) =>
      oneCase(`structure: PDF with ${name}`, make(), KEY, 'x-------'),
    ),
    ...Object.entries(PACKS).map(([name, make]) =>
      oneCase(`structure: pack with ${name}`, make(), KEY, 'x-------'),
    ),
    ...logStructures(),
    ...otherStructures(),
  ];
}

function logStructures(): CorpusCase[] {
  const replaced = (text: string, parts = whole) =>
    packOf(parts, (entries) =>
      entries.map((entry) =>
        entry.name === 'session.tlog-proof' ? { ...entry, bytes: Buffer.from(text) } : entry,
      ),
    );
  const proofIn = (log: readonly string[], keys = [LOG_KEY], origin?: string) =>
    tlogProofOf(tlogPartsOf(evidenceOf(sealed, log, keys, origin)));
  const late = makeReport({ session: sealed, evidence: null, missing: 'not logged yet' });
  const only = (name: string) =>
    packOf({ ...late, evidence: good }, (entries) => entries.filter((entry) => entry.name !== name));
  const long = closedText(sealed).replace(/"status":"\w+"/, `"status":"${'x'.repeat(5000)}"`);
  const longLog = [...LOG.slice(0, 4), long];
  const tooLong = {
    ...good,
    checkpoint: checkpointOf(longLog),
    inclusion: inclusionOf(longLog, 4).map(base64),
    log_index: 4,
    log_size: 5,
    session_closed: long,
  };
  const longReport = { 'session.status': 'x'.repeat(5000), evidence: json(tooLong) };
  const under = (checkpoint: string) =>
    sessionPdf(makeReport({ session: sealed, report: { evidence: json({ ...good, checkpoint }) } }));
  const spaced = `${OTHER_ORIGIN}\u00a0x`;
  return [
    oneCase(
      'structure: pack with a proof in another log',
      replaced(proofIn(LOG, [OTHER_KEY], OTHER_ORIGIN)),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'structure: pack with a proof, no entry and no evidence',
      only('session_closed.json'),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'structure: an entry of the log of 5,000 bytes',
      sessionPdf(makeReport({ session: sealed, report: longReport })),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'structure: a checkpoint with a name that holds a space',
      under(`${good.checkpoint}\u2014 ${spaced} AAAAAAAA\n`),
      KEY,
      'vvv-x---',
    ),
  ];
}

function otherStructures(): CorpusCase[] {
  const single = [closedText(sealed)];
  return [
    oneCase(
      'structure: report with a count that is true',
      makeReport({ session: sealed, report: { redaction_count: true } }).json,
      KEY,
      'x-------',
    ),
    oneCase(
      'structure: range proof of no entries with a hash',
      rangeProof(empty, 0, 0, { change: { hashes: json([base64(rootOf([]))]) } }),
      KEY,
      'v-x-v---',
    ),
    oneCase(
      'structure: PDF on an account without a session, with a hash more',
      widePdf(
        makeWide({
          sessions: [],
          multiproof: { hashes: json([base64(rootOf(WIDE_LOG)), base64(rootOf(WIDE_LOG))]) },
        }),
      ),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'structure: PDF on an account without a session, without its hash',
      widePdf(makeWide({ sessions: [], multiproof: { hashes: json([]) } })),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'structure: PDF on an account, in a log of one entry',
      widePdf(makeWide({ sessions: [sealed], log: single })),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'structure: PDF on an account whose hashes are a text',
      widePdf(makeWide({ multiproof: { hashes: 'hashes' } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'structure: a pack with one file alone',
      zipOf([{ name: 'report.json', bytes: whole.json }]),
      KEY,
      'v---v---',
    ),
    oneCase(
      'structure: PDF in the log of its session alone',
      sessionPdf(makeReport({ session: sealed, evidence: evidenceOf(sealed, logOf([sealed])) })),
      KEY,
      'vvvvv---',
    ),
  ];
}
