// The fonts of one document, as rules of its style sheet: the pieces that its characters need, as data URIs. Chromium
// fetches nothing.
import { CLUSTER, type FontStyle, findPiece, type Piece } from '../../fonts/find-piece.ts';
import { readFontFile, type Weight } from '../../fonts/font-packages.ts';
import { type Html, html } from './html.ts';

/** The rules for a document with this markup. They bring the families `sans` and `mono`. */
export function fontFaces(markup: string): Html {
  // Markup has some ASCII characters as references, by their number: `A` stands for all, which are in one piece.
  const clusters = new Set(['A', ...(markup.match(CLUSTER) ?? [])]);
  const ofStyle = (style: FontStyle) =>
    usedPieces(clusters, style).map((piece) => fontFace(style, piece, 400));
  // Headings and labels are bold. They are the document's own words, which are Latin.
  return html`${ofStyle('sans')}${ofStyle('mono')}${fontFace('sans', LATIN, 700)}`;
}

const LATIN = findPiece('A', 'sans') as Piece;

/** The last that was searched comes first: Chromium prefers later rules. */
function usedPieces(clusters: ReadonlySet<string>, style: FontStyle): Piece[] {
  const used = new Set<Piece>();
  for (const cluster of clusters) {
    const piece = findPiece(cluster, style);
    if (piece) used.add(piece);
  }
  return [...used].sort((a, b) => b.rank - a.rank);
}

/**
 * All pieces are of one family, each for its whole range. From a list of families Chromium would load the next only after
 * it laid the page out anew. In a narrower range it would miss the characters that shaping makes of others.
 */
function fontFace(family: FontStyle, piece: Piece, weight: Weight): Html {
  return html`@font-face { font-family: ${family}; font-weight: ${weight}; unicode-range: ${piece.ranges};
  src: url(data:font/woff2;base64,${base64Of(piece, weight)}) format("woff2"); }
`;
}

/** Each file once: all of them are 20 MB, and most documents use three. */
const BASE64 = new Map<string, string>();

function base64Of({ packageName, key }: Piece, weight: Weight): string {
  const name = `${packageName} ${key} ${weight}`;
  let base64 = BASE64.get(name);
  if (base64 === undefined) {
    base64 = readFontFile(packageName, key, weight).toString('base64');
    BASE64.set(name, base64);
  }
  return base64;
}
