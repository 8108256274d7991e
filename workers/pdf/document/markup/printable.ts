// Makes text printable. Free text must not hide, move or restyle the text beside it, and a character without a glyph
// makes the whole PDF inaccessible: such characters print as escapes, `‹U+202E›`.
import { CLUSTER, findPiece } from '../../fonts/find-piece.ts';

// Characters that print as escapes although a font may have them: control, format, private, unassigned; spaces other
// than the common one; invisible ones; the brackets of the escapes, so that no text can forge an escape.
const NEVER = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2039\u203a]/u;

/** Marks on one letter. More would reach into the lines above and below. */
const MARKS_LIMIT = 5;
/** Marks that stand on letters of any script, and stack. */
const COMMON_MARKS_LIMIT = 2;

/**
 * The text as it prints: in composed form (NFC), on one line, without characters that act on their surroundings. A mark
 * prints on a letter of the same font.
 */
export function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return (text.normalize('NFC').match(CLUSTER) ?? []).map(printCluster).join('');
}

function printCluster(cluster: string): string {
  const [base, ...marks] = [...cluster] as [string, ...string[]];
  if (!isDrawn(base) || /[\p{M}\u0e33\u0eb3]/u.test(base)) return escapeAll(cluster);
  let drawn = base;
  let common = 0;
  for (const [index, mark] of marks.entries()) {
    if (/\p{Script=Inherited}/u.test(mark)) common += 1;
    if (index >= MARKS_LIMIT || common > COMMON_MARKS_LIMIT || !isDrawn(drawn + mark)) {
      return drawn + escapeAll(marks.slice(index).join(''));
    }
    drawn += mark;
  }
  return drawn;
}

/** The text's beginning that prints in at most `limit` code points, an ellipsis included where the text goes on. */
export function shorten(text: string, limit: number): string {
  if (lengthOf(printable(text)) <= limit) return text;
  let short = '';
  for (const char of text) {
    if (lengthOf(printable(short + char)) >= limit) break;
    short += char;
  }
  return `${short}…`;
}

function isDrawn(cluster: string): boolean {
  // `CLUSTER` takes joiners in only where they are a part of the spelling.
  const visible = cluster.length > 1 ? cluster.replace(/[\u200c\u200d]/g, '') : cluster;
  return cluster === ' ' || (!NEVER.test(visible) && findPiece(cluster, 'sans') !== null);
}

function escapeAll(text: string): string {
  return [...text].map(escapeOf).join('');
}

function escapeOf(char: string): string {
  return `‹U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}›`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
