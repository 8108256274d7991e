// Structures that a verifier once took: parts of a PDF that act, contents that come from elsewhere, a second history.
import { evidenceOf, LOG, LOG_KEY, OTHER_ORIGIN, tlogPartsOf, tlogProofOf } from './account-log.ts';
import { type CorpusCase, KEY, MACS, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { eventProof } from './event-proofs.ts';
import { json } from './json-edit.ts';
import { nameInPage, type PdfPieces, rebuilt } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';

const { sealed } = SESSIONS;
const whole = makeReport({ session: sealed });
const pdf = sessionPdf(whole);
const good = evidenceOf(sealed);

const inObjects = (from: string | RegExp, to: string) =>
  rebuilt(pdf, ({ objects }) => {
    for (const [number, body] of objects)
      objects.set(
        number,
        body.replace(from, () => to),
      );
  });
const withObject = (body: string) =>
  rebuilt(pdf, (pieces: PdfPieces) => {
    const next = Math.max(...pieces.objects.keys()) + 1;
    pieces.objects.set(next, `${next} 0 obj\n${body}\nendobj\n\n`);
    nameInPage(pieces, `/Other ${next} 0 R\n`);
  });
const inPage = (member: string) => rebuilt(pdf, (pieces) => nameInPage(pieces, member));
const patched = (at: number, bytes: readonly number[]) => {
  const zip = Buffer.from(packOf(whole));
  Buffer.from(bytes).copy(zip, zip.readUInt32LE(zip.length - 22 + 16) + at);
  return zip;
};

const FILES: Readonly<Record<string, () => Buffer>> = {
  'PDF with a name that hides how it is spelled': () => inObjects('/Lang (en)', '/L#61ng (en)'),
  'PDF with a number as it is not written': () => withObject('<<\n/Number 1.0\n>>'),
  'PDF with zero below zero': () => withObject('<<\n/Number -0\n>>'),
  'PDF with more digits than a number has': () => withObject('<<\n/Number 0.12345678901234567891\n>>'),
  'PDF with an action when it is opened': () => inPage('/OpenAction <<\n/S /GoTo\n>>\n'),
  'PDF with a script': () => withObject('<<\n/S /JavaScript\n/JS (app.alert\\(1\\))\n>>'),
  'PDF with a link out of it': () => withObject('<<\n/A <<\n/S /URI\n/URI (https://example.com)\n>>\n>>'),
  'PDF with an action by itself': () => withObject('<<\n/Type /Action\n/S /Launch\n>>'),
  'PDF with an action behind a link within it': () =>
    withObject('<<\n/A <<\n/S /GoTo\n/Next <<\n/S /Launch\n/F (other.exe)\n>>\n>>\n>>'),
  'PDF with an action in a list behind a link': () =>
    withObject('<<\n/A <<\n/S /GoTo\n/Next [ <<\n/S /SubmitForm\n>> ]\n>>\n>>'),
  'PDF with a list of links out of it': () =>
    withObject('<<\n/A [ <<\n/S /URI\n/URI (https://example.com)\n>> ]\n>>'),
  'PDF with a link by its page address': () => withObject('<<\n/PA <<\n/S /GoTo\n>>\n>>'),
  'PDF with an object that is a reference': () => withObject('1 0 R'),
  'PDF with values nested too deeply': () => withObject(`${'[ '.repeat(20_000)}${'] '.repeat(19_999)}]`),
  'PDF with an action of an unknown kind': () => withObject('<<\n/Type /Action\n/S /Other\n>>'),
  'PDF with a link of an unknown kind': () => withObject('<<\n/A <<\n/S /Other\n>>\n>>'),
  'PDF with a note on a page': () => withObject('<<\n/Subtype /Text\n/Rect [ 0 0 9 9 ]\n>>'),
  'PDF with a form': () => inPage('/AcroForm <<\n>>\n'),
  'PDF with layers': () => inPage('/OCProperties <<\n>>\n'),
  'PDF with an attachment that is called another thing': () =>
    inObjects('/Type /Filespec\n', '/Tyqe /Filespec\n'),
  'PDF with related files of an attachment': () =>
    inObjects('/AFRelationship /Data', '/RF <<\n>>\n/AFRelationship /Data'),
  'PDF with an attachment of no type': () =>
    inObjects('/Type /Filespec\n/F (report.note)', '/F (report.note)'),
  // Readers would show other contents than those that were checked.
  'PDF with an attachment whose contents are elsewhere': () =>
    inObjects('/Type /EmbeddedFile\n', '/Type /EmbeddedFile\n/F (other.json)\n'),
  'PDF with an attachment with parameters of its filter': () =>
    inObjects('/Type /EmbeddedFile\n', '/Type /EmbeddedFile\n/DecodeParms <<\n/Predictor 12\n>>\n'),
  'PDF with an attachment of another description': () =>
    inObjects('/Desc <FEFF00540068', '/Desc <FEFF00540069'),
  'PDF with an attachment of another relationship': () =>
    inObjects('/AFRelationship /Data', '/AFRelationship /Date'),
  'PDF with an attachment of another type': () =>
    inObjects('/Subtype /text#2Fplain', '/Subtype /text#2Fhtml'),
  'PDF with an attachment of which something more is stated': () =>
    inObjects('/ModDate (', '/Mac <<\n>>\n/ModDate ('),
  'PDF with an attachment of which no time is stated': () => inObjects('/ModDate (', '/ModDatd ('),
  'pack with a folder in its attributes': () => patched(38, [0x10, 0, 0, 0]),
  'pack with a symbolic link in its attributes': () => patched(38, [0, 0, 0xff, 0xa1]),
};

const signedTimes = (count: number) => {
  const others = `— ${OTHER_ORIGIN} ${'AAAA'.repeat(16)}
`.repeat(count - 1);
  return [whole.json, Buffer.from(`${whole.note}${others}`)];
};

export function overlookedCases(): CorpusCase[] {
  const replaced = (text: string) =>
    packOf(whole, (entries) =>
      entries.map((entry) =>
        entry.name === 'session.tlog-proof' ? { ...entry, bytes: Buffer.from(text) } : entry,
      ),
    );
  const proofIn = (log: readonly string[]) => tlogProofOf(tlogPartsOf(evidenceOf(sealed, log, [LOG_KEY])));
  const other = [...LOG.slice(0, -1), (LOG.at(-1) as string).replace('retention', 'erasure')];
  const moved = [LOG[0] as string, LOG[0] as string, ...LOG.slice(1)];
  const late = makeReport({ session: sealed, evidence: null, missing: 'not logged yet' });
  const many = `${good.checkpoint}${`\u2014 ${OTHER_ORIGIN} ${'AAAA'.repeat(16)}\n`.repeat(700)}`;
  return [
    ...Object.entries(FILES).map(([name, make]) => oneCase(`overlooked: ${name}`, make(), KEY, 'x-------')),
    // The bytes under the MAC are the same.
    oneCase(
      'overlooked: event proof with a hash in capitals',
      Buffer.from(
        eventProof(sealed, 4)
          .toString()
          .replace(/(?<=prev_hash\\":\\")[0-9a-f]{64}/, (hash) => hash.toUpperCase()),
      ),
      [...KEY, ...MACS],
      'v-x-v--x',
    ),
    // Two signed checkpoints in one pack that cannot both be true.
    oneCase(
      'overlooked: pack with two roots of one log at one size',
      replaced(proofIn(other)),
      KEY,
      'vvv-x---',
    ),
    oneCase(
      'overlooked: pack with two roots of one log at one size, without a key',
      replaced(proofIn(other)),
      [],
      '----x---',
    ),
    oneCase(
      'overlooked: pack with a proof at another place of the log',
      replaced(proofIn(moved)),
      KEY,
      'vvv-x---',
    ),
    // Nothing signs session_closed.json here.
    oneCase(
      'overlooked: pack with an entry of the log, no proof and no evidence',
      packOf({ ...late, evidence: good }, (entries) =>
        entries.filter((entry) => entry.name !== 'session.tlog-proof'),
      ),
      KEY,
      'vvv-----',
    ),
    oneCase(
      'overlooked: PDF with a long text in hex',
      withObject(`<${'41'.repeat(300_000)}>`),
      KEY,
      'vvvvv---',
    ),
    oneCase('overlooked: a statement with 101 signatures', signedTimes(101), KEY, 'vx--v---'),
    oneCase('overlooked: a statement with 100 signatures', signedTimes(100), KEY, 'vv--v---'),
    oneCase(
      'overlooked: a checkpoint of 80,000 bytes',
      sessionPdf(makeReport({ session: sealed, report: { evidence: json({ ...good, checkpoint: many }) } })),
      KEY,
      'vvv-x---',
    ),
  ];
}
