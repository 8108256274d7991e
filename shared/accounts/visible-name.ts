/** Most UTF-16 units of a name. */
export const LONGEST_NAME = 100;

/** Characters that change how a line is shown: controls, and those that turn its direction. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * The name of a user or a token as it is stored: without space around it, in NFC. Null unless it has 1 to `LONGEST_NAME`
 * characters, all of them visible.
 */
export function readVisibleName(text: string): string | null {
  const name = text.trim().normalize('NFC');
  return name.length >= 1 && name.length <= LONGEST_NAME && !INVISIBLE.test(name) ? name : null;
}
