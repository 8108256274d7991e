// Attaches the report's JSON to its PDF, byte for byte as `format=json` sends it: an associated file, listed as an
// attachment.
import { hash } from 'node:crypto';
import { type PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import type { PdfFacts } from '../document/pdf-draft.ts';

export function attachJson(
  { context, catalog }: PDFDocument,
  { attachmentName, generatedAt }: PdfFacts,
  reportJson: Uint8Array,
): void {
  const date = PDFString.fromDate(new Date(generatedAt));
  const file = context.flateStream(reportJson, {
    Type: 'EmbeddedFile',
    Subtype: 'application/json',
    Params: {
      Size: reportJson.length,
      CreationDate: date,
      ModDate: date,
      // The PDF format asks for MD5. The report's own proof is its root.
      CheckSum: PDFHexString.of(hash('md5', reportJson)),
    },
  });
  const fileRef = context.register(file);
  const specRef = context.register(
    context.obj({
      Type: 'Filespec',
      F: PDFString.of(attachmentName),
      UF: PDFHexString.fromText(attachmentName),
      EF: { F: fileRef, UF: fileRef },
      Desc: PDFHexString.fromText('The report as JSON, Masker Audit Schema v1'),
      AFRelationship: 'Data',
    }),
  );
  const names = context.obj({ EmbeddedFiles: { Names: [PDFString.of(attachmentName), specRef] } });
  catalog.set(PDFName.of('Names'), names);
  catalog.set(PDFName.of('AF'), context.obj([specRef]));
}
