// Text that was written by others, for a terminal: arguments, file names, names in a bundle, what the database holds.

/** Characters that could move a terminal's cursor, change its colours, end the line, or hide or turn another one. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text in one line, with every unsafe character escaped. */
export function terminalText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${codeOf(character)}}`);
}

/** The text with every unsafe character escaped but its line ends. */
export function terminalLines(text: string): string {
  return text.split('\n').map(terminalText).join('\n');
}

/** The JSON text of a value: unsafe characters are escaped as JSON does, so that a parser reads the value as it was. */
export function terminalJson(value: object): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${codeOf(character.charAt(i)).padStart(4, '0')}`,
    ).join(''),
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) as number).toString(16);
}
