// Writes a PDF's title, language, dates and origin to the three places where readers look for them.
import { PDFDict, type PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import packageJson from '../../../package.json' with { type: 'json' };
import type { PdfFacts } from '../document/pdf-draft.ts';
import { CREATOR_PREFIX } from './pdf-form.ts';

export const PRODUCER = `${packageJson.name} ${packageJson.version}`;
const AUTHOR = 'Masker';

export function describeDocument(pdf: PDFDocument, facts: PdfFacts, chromium: string): void {
  const { context, catalog } = pdf;
  const creator = `${CREATOR_PREFIX}${chromium}`;
  const subject = `HIPAA compliance report ${facts.reportId} on session ${facts.sessionId}`;
  const date = PDFString.fromDate(new Date(facts.generatedAt));
  const info = {
    Title: PDFHexString.fromText(facts.title),
    Author: PDFHexString.fromText(AUTHOR),
    Subject: PDFHexString.fromText(subject),
    Creator: PDFHexString.fromText(creator),
    Producer: PDFHexString.fromText(PRODUCER),
    CreationDate: date,
    ModDate: date,
  };
  if (context.trailerInfo.Info) context.delete(context.trailerInfo.Info as never);
  context.trailerInfo.Info = context.register(context.obj(info));

  mapRoles(pdf);
  catalog.set(PDFName.of('Lang'), PDFString.of(facts.language));
  catalog.set(PDFName.of('ViewerPreferences'), context.obj({ DisplayDocTitle: true }));
  const xmp = context.stream(Buffer.from(writeXmp(facts, { creator, subject })), {
    Type: 'Metadata',
    Subtype: 'XML',
  });
  catalog.set(PDFName.of('Metadata'), context.register(xmp));
}

// Maps the tags of PDF 2.0 that Chromium uses for emphasis to ones that PDF/UA-1 knows.
function mapRoles({ context, catalog }: PDFDocument): void {
  const structure = catalog.lookup(PDFName.of('StructTreeRoot'));
  if (!(structure instanceof PDFDict)) return;
  structure.set(PDFName.of('RoleMap'), context.obj({ Strong: 'Span', Em: 'Span' }));
}

function writeXmp(
  { title, language, generatedAt }: PdfFacts,
  { creator, subject }: Readonly<{ creator: string; subject: string }>,
): string {
  const alternative = (text: string) =>
    `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
  const time = escapeXml(generatedAt);
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title>${alternative(title)}</dc:title>
<dc:creator><rdf:Seq><rdf:li>${AUTHOR}</rdf:li></rdf:Seq></dc:creator>
<dc:description>${alternative(subject)}</dc:description>
<dc:language><rdf:Bag><rdf:li>${escapeXml(language)}</rdf:li></rdf:Bag></dc:language>
<dc:format>application/pdf</dc:format>
<xmp:CreatorTool>${escapeXml(creator)}</xmp:CreatorTool>
<xmp:CreateDate>${time}</xmp:CreateDate>
<xmp:ModifyDate>${time}</xmp:ModifyDate>
<xmp:MetadataDate>${time}</xmp:MetadataDate>
<pdf:Producer>${escapeXml(PRODUCER)}</pdf:Producer>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`;
}

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => XML_ESCAPES[character] ?? '');
}
