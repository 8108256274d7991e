// The leak scan of a finished PDF, over the texts that a reader would take out of it: no known and no recognizable PHI
// is in it, whatever went wrong between the JSON, which was scanned before, and the pages.
import type { Attachment } from '../../../shared/reports/attachments.ts';
import { OriginalSearch } from '../../../shared/reports/leak-originals.ts';
import type { LeakHit } from '../../../shared/reports/leak-scan.ts';
import { matchShapes } from '../../../shared/reports/leak-shapes.ts';
import { searchForms } from '../../../shared/reports/leak-text.ts';
import { wordsOf } from '../../../shared/reports/leak-words.ts';
import { catalogueWords, OwnWords, TAKEN_OUT } from '../../../shared/reports/own-words.ts';
import type { PdfDraft } from '../document/pdf-draft.ts';
import { footOf } from './draw-feet.ts';
import { listedWords } from './listed-words.ts';
import type { PageText, PdfText } from './pdf-text.ts';
import { createTypedValues, type TypedValues } from './typed-values.ts';

export type ScanInput = Pick<PdfDraft, 'facts' | 'scan'> &
  Readonly<{
    /** The bytes that the PDF was made from. */
    reportJson: Uint8Array;
    /** The files that were to be attached beside the JSON. */
    attachments: readonly Attachment[];
    /** The stretches of the session's payloads that masking replaced. */
    originals: Iterable<string>;
  }>;

type Piece = Readonly<{ place: string; text: string }>;
/** A piece in all its normal forms. */
type Forms = Readonly<{ place: string; forms: readonly string[] }>;

/** All hits; empty for a PDF that may leave. */
export function scanPdf(
  text: PdfText,
  { facts, scan, reportJson, attachments, originals }: ScanInput,
): LeakHit[] {
  const operators = new OwnWords(scan.operatorTexts);
  const pieces = piecesOf(text, createTypedValues(scan, facts.rootHex), operators).map((piece) => ({
    place: piece.place,
    forms: searchForms(piece.text),
  }));
  const feet = text.pages.flatMap((_, index) => footOf(facts, index, text.pages.length));
  const ownPages = [scan.ownWords, ...feet].join(' ');
  // The JSON's scan has seen each name of a list alone: two beside each other are nobody's.
  const lists = listedWords(reportJson);
  const own = new OwnWords([ownPages, ...lists, ...scan.operatorTexts, ...catalogueWords()]);
  const hits = [
    ...attachmentHits(text, new Map([[facts.attachmentName, reportJson], ...bytesByName(attachments)])),
    ...shapeHits(pieces, new OwnWords([...lists, ...scan.operatorTexts])),
    ...originalHits(pieces, originals, own),
  ];
  return [...new Map(hits.map((hit) => [`${hit.field} ${hit.shape}`, hit])).values()];
}

// Attachments may leave only as the very bytes that were scanned before: the JSON, and what was composed beside it.
function attachmentHits({ attachments }: PdfText, expected: ReadonlyMap<string, Uint8Array>): LeakHit[] {
  const found = new Map(attachments.map(({ name, bytes }) => [name, bytes]));
  const areOurs =
    attachments.length === expected.size &&
    [...expected].every(([name, bytes]) => Buffer.compare(found.get(name) ?? new Uint8Array(), bytes) === 0);
  return areOurs ? [] : [{ field: 'attachment', shape: 'value of another type than its field has' }];
}

function bytesByName(attachments: readonly Attachment[]): (readonly [string, Uint8Array])[] {
  return attachments.map(({ name, bytes }) => [name, bytes]);
}

/**
 * The texts to search: each piece alone, and the pieces of one element together, since a tag may stand within a number.
 * Never those of two elements: what stands in two cells beside each other, nobody wrote. An address of the operator's is
 * taken out of its piece, before what stands beside it makes another of it.
 */
function piecesOf({ pages, others }: PdfText, typed: TypedValues, operators: OwnWords): Piece[] {
  const rest = pages.map(({ blocks }) =>
    blocks.map((pieces) =>
      pieces.map((piece) => (typed.has(piece) ? TAKEN_OUT : operators.withoutShapes(typed.takeOut(piece)))),
    ),
  );
  const pageAt = (index: number) => `page ${index + 1}`;
  const joined = rest.flatMap((blocks, index) =>
    blocks.map((pieces) => ({ place: pageAt(index), text: typed.takeOut(pieces.join('')) })),
  );
  const all: Piece[] = [
    ...rest.flatMap((blocks, index) => blocks.flat().map((text) => ({ place: pageAt(index), text }))),
    ...pages.flatMap(({ alternatives }: PageText, index) =>
      alternatives.map((text) => ({
        place: `alternative text on ${pageAt(index)}`,
        text: typed.takeOut(text),
      })),
    ),
    ...others.map(({ place, text }) => ({ place, text: typed.takeOut(text) })),
    ...joined,
    // Joins the lines too, since a line may break within a number.
    ...joined.map(({ place, text }) => ({ place, text: text.replaceAll('\n', '') })),
  ];
  return [...new Map(all.map((piece) => [`${piece.place} ${piece.text}`, piece])).values()];
}

function shapeHits(pieces: readonly Forms[], operators: OwnWords): LeakHit[] {
  return pieces.flatMap(({ place, forms }) =>
    forms.flatMap((form) =>
      [...matchShapes(form)]
        .filter(({ begin, end }) => !operators.holdsPart(form.slice(begin, end)))
        .map(({ shape }) => ({ field: place, shape })),
    ),
  );
}

// An original may also be a word of the operator's or of the document's own ("phone", "2026"): finding it on a page,
// where nothing tells whose words are whose, says nothing. The JSON's scan has told them apart, field by field.
function originalHits(pieces: readonly Forms[], originals: Iterable<string>, own: OwnWords): LeakHit[] {
  const search = new OriginalSearch(originals);
  if (search.isEmpty) return [];
  const ours = own.originalsWithin(search);
  const isLeak = (form: string) => search.find(wordsOf(form)).some(({ original }) => !ours.has(original));
  return pieces
    .filter(({ forms }) => forms.some(isLeak))
    .map(({ place }) => ({ field: place, shape: 'original text of the session' }));
}
