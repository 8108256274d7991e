// The forms in which a report reaches an auditor: a PDF with attachments, a pack, a JSON with its note.
import type { PdfFacts } from '../../../workers/pdf/document/pdf-draft.ts';
import { descriptionOf, PRODUCER } from '../../../workers/pdf/finish/describe-document.ts';
import { finishPdf } from '../../../workers/pdf/finish/finish-pdf.ts';
import { tlogPartsOf, tlogProofOf } from './account-log.ts';
import { type AttachedFile, type PdfPieces, rebuilt, withFiles } from './plain-pdf.ts';
import { GENERATED_AT, REPORT_ID, type ReportParts } from './session-reports.ts';
import { POLICY_TEXT } from './sessions.ts';
import { type ZipEnd, type ZipEntry, zipOf } from './zip-writer.ts';

/** A page with the foot and the metadata of a report, finished by the service's own code. */
const PAGE = await finishPdf(
  plainPage(),
  {
    title: 'Compliance report',
    language: 'en',
    reportId: REPORT_ID,
    subject: 'the corpus',
    rootHex: 'f3a2'.repeat(16),
    generatedAt: GENERATED_AT,
    attachmentName: 'masker-session-sess_01KQN89WGRBPJ4AAGAHJXMZY71.json',
  },
  Buffer.from('{}'),
  [],
  '156.0.8078.79',
);

/** A page without content, written by hand: the library would leave a stream behind that no page names. */
function plainPage(): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Type /MarkInfo /Marked true >> >>',
    '<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 4 0 R >>',
    '<< /Length 3 >>\nstream\nq Q\nendstream',
  ];
  let text = '%PDF-1.7\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 5\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${text}${table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`);
}

export function sessionFiles({ session, json, note, entries }: ReportParts): AttachedFile[] {
  return [
    ...(entries === null ? [] : [{ name: 'entries.ndjson', bytes: entries }]),
    { name: `masker-session-${session.id}.json`, bytes: json },
    ...(note === null ? [] : [{ name: 'report.note', bytes: Buffer.from(note) }]),
  ];
}

export function pdfOf(files: readonly AttachedFile[]): Buffer {
  const pdf = withFiles(PAGE, files);
  const facts = factsIn(files.find(({ name }) => name.startsWith('masker-'))?.bytes);
  return facts === null ? pdf : rebuilt(pdf, (pieces) => describe(pieces, facts));
}

const ORIGIN = { chromium: '156.0.8078.79', producer: PRODUCER };

/** What the attached report gives to the properties of its PDF; null where it cannot be read. */
function factsIn(json: Uint8Array | undefined): PdfFacts | null {
  try {
    const { report } = JSON.parse(Buffer.from(json ?? []).toString());
    const about = report.scope === 'agent' ? `agent ${report.agent_id}` : `account ${report.account.id}`;
    const window = `${about}, ${report.window?.since} to ${report.window?.until}`;
    const subject = report.scope === 'session' ? `session ${report.session_id}` : window;
    return {
      ...{ title: `Compliance report of ${subject}`, language: 'en', subject },
      ...{ reportId: report.id, rootHex: report.merkle_root_hex, generatedAt: report.generated_at },
      attachmentName: '',
    };
  } catch {
    return null;
  }
}

/** Writes title, dates and the like as the service does. */
function describe({ objects, root, info }: PdfPieces, facts: PdfFacts): void {
  const written = descriptionOf(facts, ORIGIN);
  objects.set(info, `${info} 0 obj\n${written.info}\nendobj\n\n`);
  const metadata = Number(/\/Metadata (\d+) 0 R/.exec(objects.get(root) as string)?.[1]);
  const xmp = Buffer.from(written.xmp).toString('latin1');
  objects.set(
    metadata,
    `${metadata} 0 obj\n<<\n/Type /Metadata\n/Subtype /XML\n/Length ${xmp.length}\n>>\nstream\n${xmp}\nendstream\nendobj\n\n`,
  );
  for (const [number, body] of objects) {
    if (body.includes('\n/Type /EmbeddedFile\n'))
      objects.set(
        number,
        body.replace(FILE_DATES, () => `/CreationDate ${written.fileDates}\n/ModDate ${written.fileDates}\n`),
      );
  }
}

const FILE_DATES = /\/CreationDate \(.*\)\n\/ModDate \(.*\)\n/;

/** The report's PDF. `change` alters the list of its attachments. */
export function sessionPdf(
  parts: ReportParts,
  change: (files: AttachedFile[]) => AttachedFile[] = (same) => same,
): Buffer {
  return pdfOf(change(sessionFiles(parts)));
}

/** The files of the pack. */
export function packEntries(parts: ReportParts, pdf: Uint8Array | null = sessionPdf(parts)): ZipEntry[] {
  const { session, json, note, entries, evidence } = parts;
  const text = (name: string, content: string): ZipEntry => ({ name, bytes: Buffer.from(content) });
  return [
    { name: 'report.json', bytes: json },
    ...(pdf === null ? [] : [{ name: 'report.pdf', bytes: pdf }]),
    ...(note === null ? [] : [text('report.note', note)]),
    ...(entries === null ? [] : [{ name: 'entries.ndjson', bytes: entries }]),
    ...(evidence === null
      ? []
      : [
          text('session_closed.json', evidence.session_closed),
          text('session.tlog-proof', tlogProofOf(tlogPartsOf(evidence))),
        ]),
    text('policy.yaml', POLICY_TEXT),
    text('VERIFY.md', '# How to check this pack\n'),
    text('verify.mjs', '// the verifier\n'),
    text('verify.py', '# the verifier\n'),
    text('verify.html', '<!doctype html>\n'),
  ].map((entry) => ({ ...entry, deflate: session.entries.length % 2 === 1 && entry.bytes.length > 100 }));
}

export function packOf(
  parts: ReportParts,
  change: (entries: ZipEntry[]) => readonly ZipEntry[] = (same) => same,
  end?: ZipEnd,
  pdf: Uint8Array | null = null,
): Buffer {
  return zipOf(change(packEntries(parts, pdf)), end);
}
