/**
 * A text for a terminal, with every character escaped that could move its cursor, end the line or hide another one: file
 * names and names in a bundle can be any text.
 */
export function terminalText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
}
