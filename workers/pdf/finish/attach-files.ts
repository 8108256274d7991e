// Attaches the report's JSON to its PDF, byte for byte as `format=json` sends it, and the files that prove it: each an
// associated file, listed as an attachment.
import { hash } from 'node:crypto';
import {
  type PDFContext,
  type PDFDocument,
  PDFHexString,
  PDFName,
  type PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import {
  type Attachment,
  type AttachmentForm,
  attachmentForm,
  JSON_FORM,
} from '../../../shared/reports/attachments.ts';
import type { PdfFacts } from '../document/pdf-draft.ts';
import { dateOf } from './describe-document.ts';

type FormedFile = Readonly<{ name: string; bytes: Uint8Array; form: AttachmentForm }>;

/** Throws for an attachment of another name, and for two of one name. */
export function attachFiles(
  { context, catalog }: PDFDocument,
  { attachmentName, generatedAt }: PdfFacts,
  reportJson: Uint8Array,
  attachments: readonly Attachment[],
): void {
  const files: FormedFile[] = [
    { name: attachmentName, bytes: reportJson, form: JSON_FORM },
    ...attachments.map(({ name, bytes }) => ({ name, bytes, form: formOf(name) })),
  ];
  if (new Set(files.map(({ name }) => name)).size < files.length)
    throw new Error('Two attachments have one name');
  // A name tree is in the order of its names.
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const date = dateOf({ generatedAt });
  const listed = files.map((file) => [PDFString.of(file.name), register(context, file, date)] as const);
  const names = context.obj({ EmbeddedFiles: { Names: listed.flat() } });
  catalog.set(PDFName.of('Names'), names);
  catalog.set(PDFName.of('AF'), context.obj(listed.map(([, spec]) => spec)));
}

function formOf(name: string): AttachmentForm {
  const form = attachmentForm(name);
  if (form === null) throw new Error('No report has an attachment of this name');
  return form;
}

/** The reference to the file's specification. */
function register(context: PDFContext, { name, bytes, form }: FormedFile, date: PDFString): PDFRef {
  const file = context.flateStream(bytes, {
    Type: 'EmbeddedFile',
    Subtype: form.mediaType,
    Params: {
      Size: bytes.length,
      CreationDate: date,
      ModDate: date,
      // The PDF format asks for MD5. The report's own proof is its root.
      CheckSum: PDFHexString.of(hash('md5', bytes)),
    },
  });
  const fileRef = context.register(file);
  return context.register(
    context.obj({
      Type: 'Filespec',
      F: PDFString.of(name),
      UF: PDFHexString.fromText(name),
      EF: { F: fileRef, UF: fileRef },
      Desc: PDFHexString.fromText(form.description),
      AFRelationship: form.relationship,
    }),
  );
}
