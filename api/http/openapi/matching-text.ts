// The shortest text that a simple regular expression matches: examples of fields that have a pattern and no example of
// their own.

/**
 * Takes literals, classes, groups, alternatives and counts, anchored or not. Null for anything else, such as back
 * references and negated classes, and where the text that was made does not match.
 */
export function matchingText(pattern: string): string | null {
  const reader: Reader = { text: pattern, at: 0 };
  const made = readAlternatives(reader);
  if (made === null || reader.at < pattern.length || !new RegExp(pattern, 'u').test(made)) return null;
  return made;
}

type Reader = { readonly text: string; at: number };

/** The first alternative is taken, and the others are read past. */
function readAlternatives(reader: Reader): string | null {
  const first = readSequence(reader);
  while (reader.text[reader.at] === '|') {
    reader.at += 1;
    if (readSequence(reader) === null) return null;
  }
  return first;
}

function readSequence(reader: Reader): string | null {
  let made = '';
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at]!)) {
    const atom = readAtom(reader);
    if (atom === null) return null;
    made += atom.repeat(readCount(reader));
  }
  return made;
}

function readAtom(reader: Reader): string | null {
  const char = reader.text[reader.at]!;
  reader.at += 1;
  if (char === '^' || char === '$') return '';
  if (char === '[') return readClass(reader);
  if (char === '(') return readGroup(reader);
  if (char === '\\') return readEscape(reader);
  return char === '.' ? 'x' : char;
}

function readGroup(reader: Reader): string | null {
  const [opening] = /^\?(?:[:=!]|<[=!])/.exec(reader.text.slice(reader.at)) ?? [''];
  reader.at += opening.length;
  const inner = readAlternatives(reader);
  if (reader.text[reader.at] !== ')') return null;
  reader.at += 1;
  // A lookaround has no text of its own. Whether it holds is seen at the end.
  return opening === '' || opening === '?:' ? inner : '';
}

/** The first character of a class. */
function readClass(reader: Reader): string | null {
  const end = reader.text.indexOf(']', reader.at + 1);
  const first = reader.text[reader.at];
  if (end < 0 || first === '^') return null;
  reader.at += 1;
  const made = first === '\\' ? readEscape(reader) : (first ?? null);
  reader.at = end + 1;
  return made;
}

const ESCAPES: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ' };

function readEscape(reader: Reader): string | null {
  const char = reader.text[reader.at];
  reader.at += 1;
  if (char === undefined) return null;
  const made = ESCAPES[char];
  if (made !== undefined) return made;
  return /[a-z0-9]/i.test(char) ? null : char;
}

/** The least number of times. */
function readCount(reader: Reader): number {
  const found = /^(?:\{(\d+)(?:,\d*)?\}|[*+?])\??/.exec(reader.text.slice(reader.at));
  if (!found) return 1;
  reader.at += found[0].length;
  if (found[1] !== undefined) return Number(found[1]);
  return found[0].startsWith('+') ? 1 : 0;
}
