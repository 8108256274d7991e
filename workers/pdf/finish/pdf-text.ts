// Takes all text out of a PDF, as a reader of it could: pages, alternative texts, bookmarks, metadata.
import { getDocument, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

export type PdfText = Readonly<{
  pages: readonly PageText[];
  /** Texts that are on no page, each with its place. */
  others: readonly Readonly<{ place: string; text: string }>[];
  attachments: readonly Uint8Array[];
}>;

export type PageText = Readonly<{
  /** Piece by piece, as the structure has them: a cell, a line, a heading. Lines within one end in `\n`. */
  pieces: readonly string[];
  /** The alternative texts of figures. */
  alternatives: readonly string[];
}>;

/** Rejects for a PDF that cannot be read. Runs nothing that the PDF holds, and loads nothing. */
export async function readPdfText(pdf: Uint8Array): Promise<PdfText> {
  const task = getDocument({
    // Copies the bytes: pdf.js takes them over.
    data: Uint8Array.from(pdf),
    stopAtErrors: true,
    enableXfa: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWasm: false,
    useWorkerFetch: false,
    verbosity: 0,
  });
  try {
    const document = await task.promise;
    const pages: PageText[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      pages.push(await readPage(await document.getPage(number)));
    }
    return { pages, others: await readOthers(document), attachments: await readAttachments(document) };
  } finally {
    await task.destroy();
  }
}

async function readPage(page: PDFPageProxy): Promise<PageText> {
  const { items } = await page.getTextContent({ includeMarkedContent: true });
  const pieces: string[] = [''];
  for (const item of items) {
    if ('str' in item) pieces.push(`${pieces.pop()}${item.str}${item.hasEOL ? '\n' : ''}`);
    else pieces.push('');
  }
  const structure = await page.getStructTree();
  page.cleanup();
  return { pieces: pieces.filter((piece) => piece !== ''), alternatives: alternativesIn(structure) };
}

function alternativesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { alt, children } = node as { alt?: unknown; children?: unknown };
  const within = Array.isArray(children) ? children.flatMap(alternativesIn) : [];
  return typeof alt === 'string' ? [alt, ...within] : within;
}

async function readOthers(document: PDFDocumentProxy): Promise<PdfText['others']> {
  const { info, metadata } = await document.getMetadata();
  const others = Object.entries(info).map(([name, value]) => ({
    place: `document information ${name}`,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  others.push({ place: 'XMP metadata', text: metadata?.getRaw() ?? '' });
  for (const text of titlesIn(await document.getOutline())) others.push({ place: 'outline', text });
  return others;
}

function titlesIn(outline: Awaited<ReturnType<PDFDocumentProxy['getOutline']>>): string[] {
  return (outline ?? []).flatMap(({ title, items }) => [title, ...titlesIn(items)]);
}

async function readAttachments(document: PDFDocumentProxy): Promise<Uint8Array[]> {
  const attachments = await document.getAttachments();
  const contents: Uint8Array[] = [];
  for (const id of attachments?.keys() ?? []) {
    contents.push((await document.getAttachmentContent(id)) ?? new Uint8Array());
  }
  return contents;
}
