// Draws the foot of every page, as a pagination artifact. Chromium would leave its own untagged, which PDF/UA refuses.
import * as fontkit from '@cantoo/fontkit';
import {
  beginText,
  endText,
  moveText,
  type PDFDocument,
  type PDFFont,
  PDFName,
  PDFOperator,
  PDFOperatorNames,
  type PDFPage,
  setFillingGrayscaleColor,
  setFontAndSize,
  showText,
} from '@cantoo/pdf-lib';
import type { PdfFacts } from '../document/pdf-draft.ts';
import { readFontFile } from '../fonts/font-packages.ts';

/** Lengths are in points. */
const SIZE = 7.5;
const BASELINE = 26;
const SIDE = 51;
/** 0 is black. This gray has a contrast of 7:1 on white. */
const GRAY = 0.35;
/** Digits of the root in a foot, from its beginning. */
export const FOOT_ROOT_DIGITS = 16;
const FONT_KEY = PDFName.of('PageFoot');
export async function drawFeet(
  pdf: PDFDocument,
  pages: readonly PDFPage[],
  facts: Pick<PdfFacts, 'reportId' | 'rootHex'>,
): Promise<void> {
  pdf.registerFontkit(fontkit);
  // PDF/UA asks for embedded fonts. The embedder cannot unpack the outlines of WOFF 2.
  const font = await pdf.embedFont(readFontFile('noto-sans', 'latin', 400, 'woff'), {
    subset: true,
    customName: 'MASKER+NotoSans-Regular',
  });
  for (const [index, page] of pages.entries()) {
    const [report, root, place] = footOf(facts, index, pages.length);
    const { width } = page.getSize();
    const widthOf = (text: string) => font.widthOfTextAtSize(text, SIZE);
    drawArtifact(page, font, [
      [report, SIDE],
      [root, (width - widthOf(root)) / 2],
      [place, width - SIDE - widthOf(place)],
    ]);
  }
}

/** The texts in the foot of a page: left, middle and right. */
export function footOf(
  { reportId, rootHex }: Pick<PdfFacts, 'reportId' | 'rootHex'>,
  index: number,
  pageCount: number,
): [string, string, string] {
  const digits = rootHex.slice(0, FOOT_ROOT_DIGITS).match(/.{4}/g) ?? [];
  return [reportId, `root ${digits.join(' ')}`, `page ${index + 1} of ${pageCount}`];
}

function drawArtifact(page: PDFPage, font: PDFFont, texts: readonly (readonly [string, number])[]): void {
  const { context } = page.doc;
  page.node.setFontDictionary(FONT_KEY, font.ref);
  const footer = context.obj({ Type: 'Pagination', Subtype: 'Footer' });
  const operators = [
    PDFOperator.of(PDFOperatorNames.BeginMarkedContentSequence, ['/Artifact', footer.toString()]),
    setFillingGrayscaleColor(GRAY),
    ...texts.flatMap(([text, x]) => [
      beginText(),
      setFontAndSize(FONT_KEY, SIZE),
      moveText(Math.round(x * 100) / 100, BASELINE),
      showText(font.encodeText(text)),
      endText(),
    ]),
    PDFOperator.of(PDFOperatorNames.EndMarkedContent),
  ];
  page.node.addContentStream(context.register(context.contentStream(operators)));
}
