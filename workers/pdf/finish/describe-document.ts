// Writes a PDF's title, language, dates and origin to the three places where readers look for them.
import {
  PDFContext,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  PDFRawStream,
  PDFString,
} from '@cantoo/pdf-lib';
import packageJson from '../../../package.json' with { type: 'json' };
import type { PdfFacts } from '../document/pdf-draft.ts';
import { CREATOR_PREFIX } from './pdf-form.ts';
import { dictsOf } from './pdf-objects.ts';

export const PRODUCER = `${packageJson.name} ${packageJson.version}`;
/** The form of `PRODUCER` in every version of the program. */
export const PRODUCER_FORM = new RegExp(`^${packageJson.name} \\d[\\w.+-]{0,39}$`);
const AUTHOR = 'Masker';

/** The programs that made a PDF, as it names them. */
export type Origin = Readonly<{
  /** Version of the Chromium that printed. */
  chromium: string;
  /** Name and version of the program that finished. */
  producer: string;
}>;

/**
 * A PDF's information dictionary, as it is written, its XMP metadata, and the dates that its attachments state, as they
 * are written, each once.
 */
export type Description = Readonly<{ info: string; xmp: string; fileDates: string }>;

export function describeDocument(pdf: PDFDocument, facts: PdfFacts, chromium: string): void {
  const { context, catalog } = pdf;
  const origin = { chromium, producer: PRODUCER };
  if (context.trailerInfo.Info) context.delete(context.trailerInfo.Info as never);
  context.trailerInfo.Info = context.register(informationOf(context, facts, origin));

  mapRoles(pdf);
  catalog.set(PDFName.of('Lang'), PDFString.of(facts.language));
  catalog.set(PDFName.of('ViewerPreferences'), context.obj({ DisplayDocTitle: true }));
  const xmp = context.stream(Buffer.from(writeXmp(facts, origin)), { Type: 'Metadata', Subtype: 'XML' });
  catalog.set(PDFName.of('Metadata'), context.register(xmp));
}

/** The description that `describeDocument` writes on these facts. */
export function descriptionOf(facts: PdfFacts, origin: Origin): Description {
  return {
    info: informationOf(PDFContext.create(), facts, origin).toString(),
    xmp: writeXmp(facts, origin),
    fileDates: dateOf(facts).toString(),
  };
}

/** Whether a PDF that was read describes itself as expected. */
export function isDescribedAs(expected: Description, read: Description): boolean {
  return read.info === expected.info && read.xmp === expected.xmp && read.fileDates === expected.fileDates;
}

/** The description that a PDF holds; empty where it holds none. */
export function readDescription(pdf: PDFDocument): Description {
  const { context, catalog } = pdf;
  const info = context.lookup(context.trailerInfo.Info);
  const xmp = catalog.lookup(PDFName.of('Metadata'));
  return {
    info: info?.toString() ?? '',
    xmp: xmp instanceof PDFRawStream ? Buffer.from(xmp.contents).toString() : '',
    fileDates: readFileDates(pdf),
  };
}

// A reader shows them in its list of attachments.
function readFileDates(pdf: PDFDocument): string {
  const dates = new Set<string>();
  for (const dict of dictsOf(pdf)) {
    if (dict.get(PDFName.of('Type')) !== PDFName.of('EmbeddedFile')) continue;
    const params = dict.get(PDFName.of('Params'));
    for (const key of ['CreationDate', 'ModDate']) {
      dates.add(String(params instanceof PDFDict ? params.get(PDFName.of(key)) : undefined));
    }
  }
  return [...dates].join(' ');
}

/** When the report was made, as a PDF writes it. */
export function dateOf({ generatedAt }: Pick<PdfFacts, 'generatedAt'>): PDFString {
  return PDFString.fromDate(new Date(generatedAt));
}

function informationOf(context: PDFContext, facts: PdfFacts, { chromium, producer }: Origin): PDFDict {
  const date = dateOf(facts);
  return context.obj({
    Title: PDFHexString.fromText(facts.title),
    Author: PDFHexString.fromText(AUTHOR),
    Subject: PDFHexString.fromText(subjectOf(facts)),
    Creator: PDFHexString.fromText(`${CREATOR_PREFIX}${chromium}`),
    Producer: PDFHexString.fromText(producer),
    CreationDate: date,
    ModDate: date,
  });
}

function subjectOf({ reportId, subject }: PdfFacts): string {
  return `HIPAA compliance report ${reportId} on ${subject}`;
}

// Maps the tags of PDF 2.0 that Chromium uses for emphasis to ones that PDF/UA-1 knows.
function mapRoles({ context, catalog }: PDFDocument): void {
  const structure = catalog.lookup(PDFName.of('StructTreeRoot'));
  if (!(structure instanceof PDFDict)) return;
  structure.set(PDFName.of('RoleMap'), context.obj({ Strong: 'Span', Em: 'Span' }));
}

function writeXmp(facts: PdfFacts, { chromium, producer }: Origin): string {
  const { title, language, generatedAt } = facts;
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
<dc:description>${alternative(subjectOf(facts))}</dc:description>
<dc:language><rdf:Bag><rdf:li>${escapeXml(language)}</rdf:li></rdf:Bag></dc:language>
<dc:format>application/pdf</dc:format>
<xmp:CreatorTool>${escapeXml(`${CREATOR_PREFIX}${chromium}`)}</xmp:CreatorTool>
<xmp:CreateDate>${time}</xmp:CreateDate>
<xmp:ModifyDate>${time}</xmp:ModifyDate>
<xmp:MetadataDate>${time}</xmp:MetadataDate>
<pdf:Producer>${escapeXml(producer)}</pdf:Producer>
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
