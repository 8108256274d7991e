// The leak scan of a finished PDF, over what a reader would take out of it: no known and no recognizable PHI is in it,
// whatever went wrong between the JSON, which was scanned before, and the pages.
import { canonicalize } from '../../../shared/audit/canonical-json.ts';
import { type LeakHit, searchableOriginals } from '../../../shared/reports/leak-scan.ts';
import { findShapes } from '../../../shared/reports/leak-shapes.ts';
import { foldLines, searchForms } from '../../../shared/reports/leak-text.ts';
import type { Report } from '../../../shared/reports/report-schema.ts';
import { composeDocument } from '../document/compose-document.ts';
import { readReport } from '../document/read-report.ts';
import { footOf } from './draw-feet.ts';
import { type PageText, type PdfText, readPdfText } from './pdf-text.ts';
import { type TypedValues, typedValuesOf } from './typed-values.ts';
import { withoutFreeText } from './without-free-text.ts';

type Piece = Readonly<{ place: string; text: string }>;

/**
 * All hits; empty for a PDF that may leave. `reportJson` is what it was made from, `originals` are what the session's
 * masking replaced. Throws for a PDF that cannot be read.
 */
export async function scanPdf(
  pdf: Uint8Array,
  reportJson: Uint8Array,
  originals: Iterable<string>,
): Promise<LeakHit[]> {
  const report = readReport(reportJson);
  const text = await readPdfText(pdf);
  const pieces = piecesOf(text, typedValuesOf(report, reportJson));
  const hits = [
    ...attachmentHits(text, reportJson),
    ...shapeHits(pieces),
    ...originalHits(pieces, originals, { report, pageCount: text.pages.length }),
  ];
  return [...new Map(hits.map((hit) => [`${hit.field} ${hit.shape}`, hit])).values()];
}

// The attached bytes are those that were scanned as JSON, or else they are nothing that may leave.
function attachmentHits({ attachments }: PdfText, reportJson: Uint8Array): LeakHit[] {
  const isReport = attachments.length === 1 && Buffer.compare(attachments[0] as Uint8Array, reportJson) === 0;
  return isReport ? [] : [{ field: 'attachment', shape: 'value of another type than its field has' }];
}

/** Every text to search: each piece by itself, and pieces together, since markup may come between two halves. */
function piecesOf({ pages, others }: PdfText, typed: TypedValues): Piece[] {
  const rest = pages.map(({ pieces }) =>
    pieces.map((piece) => (typed.has(piece) ? '|' : typed.takeOut(piece))),
  );
  const pageAt = (index: number) => `page ${index + 1}`;
  const joined = rest.map((pieces, index) => ({
    place: pageAt(index),
    text: typed.takeOut(pieces.join('')),
  }));
  const all: Piece[] = [
    ...rest.flatMap((pieces, index) => pieces.map((text) => ({ place: pageAt(index), text }))),
    ...pages.flatMap(({ alternatives }: PageText, index) =>
      alternatives.map((text) => ({
        place: `alternative text on ${pageAt(index)}`,
        text: typed.takeOut(text),
      })),
    ),
    ...others.map(({ place, text }) => ({ place, text: typed.takeOut(text) })),
    ...joined,
    // A line may break within a number.
    ...joined.map(({ place, text }) => ({ place, text: text.replaceAll('\n', '') })),
  ];
  return [...new Map(all.map((piece) => [`${piece.place} ${piece.text}`, piece])).values()];
}

function shapeHits(pieces: readonly Piece[]): LeakHit[] {
  return pieces.flatMap(({ place, text }) =>
    [...new Set(searchForms(text).flatMap(findShapes))].map((shape) => ({ field: place, shape })),
  );
}

// An original may be a word of ours ("phone", "2026"): then it says nothing that it stands on a page.
function originalHits(
  pieces: readonly Piece[],
  originals: Iterable<string>,
  { report, pageCount }: Readonly<{ report: Report; pageCount: number }>,
): LeakHit[] {
  const wanted = searchableOriginals(originals);
  if (wanted.length === 0) return [];
  const folded = pieces.map(({ place, text }) => ({ place, forms: searchForms(text).map(foldLines) }));
  const holds = (forms: readonly string[], original: string) => forms.some((form) => form.includes(original));
  const own = searchForms(ownWords(report, pageCount)).map(foldLines);
  const foreign = wanted.filter((original) => !holds(own, original));
  return folded
    .filter(({ forms }) => foreign.some((original) => holds(forms, original)))
    .map(({ place }) => ({ field: place, shape: 'original text of the session' }));
}

/** The words of the pages that no free text of this report gave. */
function ownWords(report: Report, pageCount: number): string {
  const bare = Buffer.from(canonicalize({ report: withoutFreeText(report) }));
  const document = composeDocument(bare);
  const feet = Array.from({ length: pageCount }, (_, index) => footOf(document, index, pageCount));
  return [document.html.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' '), ...feet.flat()].join(' ');
}
