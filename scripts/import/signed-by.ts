// Whose key signed a note of a bundle, by what the note states. A signature that is not right any more still says whose it
// was: a damaged log of ours must not be taken for somebody else's.
import { type LogIdentity, logKeys } from '../../shared/transparency/log-origin.ts';
import { isOf, parseNote } from '../../shared/transparency/note.ts';

/** `others`: another key or origin. `unknown`: nothing that can be read says it. */
export type SignedBy = 'ours' | 'others' | 'unknown';

/**
 * By origin, name and key id alone. A note that names one log in its text and another in its signatures was changed, and
 * says nothing. `originOf`: the origin that the note's text states; null for none.
 */
export function noteSignedBy(
  identity: LogIdentity,
  accountId: string,
  text: string,
  originOf: (noteText: string) => string | null,
): SignedBy {
  const note = parseNote(text);
  if (!note) return 'unknown';
  const { signatures } = note;
  const isOurs = logKeys(identity, accountId).some((key) => signatures.some((line) => isOf(line, key)));
  if (isOurs) return 'ours';
  const origin = originOf(note.text);
  return signatures.some(({ name }) => name === origin) ? 'others' : 'unknown';
}
