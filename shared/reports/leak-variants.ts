// Other spellings of an original that people use for the same name, date or address.

type Spelling = readonly [pattern: RegExp, replacement: string | ((written: string) => string)];

const TRANSCRIBED: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ø: 'oe',
  å: 'aa',
  đ: 'dj',
};

const SPELLINGS: readonly Spelling[] = [
  // A title before two words or more, letters of a degree or "III" after them, an initial between them.
  [/^(?:(?:doctor|dr|mister|mr|mrs|ms|miss|prof|professor|herr|frau|sr|sra)\.? )+(?=\p{L}+\.? \p{L})/iu, ''],
  [/,? (?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|rn|np|dds|esq)\.?$(?<=^\p{L}\S* \p{L}\S*,? \S+)/iu, ''],
  [/(?<=\p{L}{2} )\p{Lu}\.? (?=\p{L}{2})/gu, ''],
  [/[äöüøåđ]/giu, (letter) => TRANSCRIBED[letter.toLowerCase()] ?? letter],
  // And back: Joerg is Jörg, whose accent the fold takes away.
  [/(?<=[^aeiou\s])(?:ae|oe|ue)(?=\p{L})/giu, (letters) => letters.charAt(0)],
  // O'Brien is OBrien in many forms, Anna-Lena Annalena.
  [/(?<=\p{L})['-](?=\p{L})/gu, ''],
  // A date without the zeros before its day and month.
  [/(?<!\d)0(?=\d[/.-]\d)|(?<=\d[/.-])0(?=\d(?!\d))/g, ''],
  [/^https?:\/\//i, ''],
];

/** UTF-16 code units of a name or an address: a longer text is looked for as it is. */
const LENGTH_MAX = 200;
/** Spellings of one original. */
const VARIANTS_MAX = 8;

/** The normal form itself first, then those of its other spellings that differ. */
export function variantsOf(form: string): string[] {
  const variants = new Set([form]);
  if (form.length > LENGTH_MAX) return [...variants];
  for (const [pattern, replacement] of SPELLINGS) {
    for (const known of [...variants]) {
      if (variants.size < VARIANTS_MAX) variants.add(known.replace(pattern, replacement as string));
    }
  }
  return [...variants];
}
