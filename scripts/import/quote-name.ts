/** A name of an account or an agent for a terminal: in quotes, with everything escaped that could move its cursor. */
export function quoteName(name: string): string {
  return JSON.stringify(name).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
}
