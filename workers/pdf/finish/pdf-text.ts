// Takes all text out of a PDF, as a reader of it could: pages, alternative texts, bookmarks, metadata.
import { getDocument, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

export type PdfText = Readonly<{
  pages: readonly PageText[];
  /** Texts that are on no page, each with its place. */
  others: readonly Readonly<{ place: string; text: string }>[];
  attachments: readonly Readonly<{ name: string; bytes: Uint8Array }>[];
}>;

export type PageText = Readonly<{
  /** Piece by piece, as the content marks them: lines within one end in `\n`. */
  pieces: readonly string[];
  /**
   * The pieces by the element of the structure that they are in: a cell, a paragraph, a heading. A piece that is in none
   * (a foot) is alone.
   */
  blocks: readonly (readonly string[])[];
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
  const structure = await page.getStructTree();
  page.cleanup();
  const blockOf = blocksIn(structure);
  const blocks = new Map<unknown, string[]>();
  // An end of marked content goes back to the element around it, which may go on.
  const open: unknown[] = [];
  let pieces: string[] = [];
  const turn = () => {
    const block = open.findLast((id) => id !== undefined) ?? Symbol('in no element');
    pieces = blocks.get(block) ?? [];
    blocks.set(block, pieces);
    pieces.push('');
  };
  turn();
  for (const item of items) {
    if ('str' in item) pieces.push(`${pieces.pop()}${item.str}${item.hasEOL ? '\n' : ''}`);
    else {
      if (item.type === 'endMarkedContent') open.pop();
      else open.push('id' in item ? blockOf.get(item.id as string) : undefined);
      turn();
    }
  }
  const filled = [...blocks.values()].map((block) => block.filter((piece) => piece !== ''));
  return {
    pieces: filled.flat(),
    blocks: filled.filter(({ length }) => length > 0),
    alternatives: alternativesIn(structure),
  };
}

/** Elements within a line: their text goes on in the element around them. */
const INLINE = new Set(['Span', 'Link', 'Code', 'Em', 'Strong', 'Quote', 'Reference', 'NonStruct']);

/** By the id of a piece of marked content: the element that its text is a part of, not one within a line. */
function blocksIn(
  node: unknown,
  around: unknown = node,
  found = new Map<string, unknown>(),
): Map<string, unknown> {
  if (typeof node !== 'object' || node === null) return found;
  const { type, id, role, children } = node as Record<string, unknown>;
  if (type === 'content' && typeof id === 'string') found.set(id, around);
  const block = typeof role === 'string' && INLINE.has(role) ? around : node;
  for (const child of Array.isArray(children) ? children : []) {
    blocksIn(child, block, found);
  }
  return found;
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

async function readAttachments(document: PDFDocumentProxy): Promise<PdfText['attachments']> {
  const attachments = await document.getAttachments();
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const [id, { filename }] of attachments ?? []) {
    files.push({ name: filename, bytes: (await document.getAttachmentContent(id)) ?? new Uint8Array() });
  }
  return files;
}
