// Takes out of a text what programs and people set around words and numbers: markup, labels, titles, spelled-out signs.

type Rule = readonly [pattern: RegExp, replacement: string | ((written: string) => string)];

const MARKUP: readonly Rule[] = [
  // Tags and comments of HTML, tags of BBCode, marks of footnotes, numbers of a list.
  [
    /<(?:\/?[a-z]|!)[^<>]{0,2000}>|\[\/?(?:b|i|u|s|em|strong|code|color|size|url)(?:=[^\]\s]{1,80})?\]/giu,
    '',
  ],
  [/(?<=\p{L})\[\d{1,3}\](?=[ \p{L}])|^ ?\d{1,3}[.)] (?=\p{L})/gmu, ''],
  // Markdown's signs of emphasis, and a picture within a word.
  [/(?<=\p{L})[*~^]{1,3}(?=\p{L})|(?<=[\p{L}\p{N}])(?:\*\*|__)|(?:\*\*|__)(?=[\p{L}\p{N}])/gu, ''],
  [/(?<![\p{L}\p{N}_])_(?=[^\s_])[^_\n]{1,80}(?<=\S)_(?![\p{L}\p{N}_])/gu, (written) => written.slice(1, -1)],
  [/(?<=\p{L})\p{Extended_Pictographic}+(?=\p{L})/gu, ''],
  // Addresses that shall not be followed: ann[@]example[.]org.
  [/[[({]([.@:])[\])}]/g, (written) => written.charAt(1)],
  [/(?<![\p{L}\p{N}])hxxp/giu, 'http'],
];

const LABELS: readonly Rule[] = [
  // Fields with the parts of a name.
  [/["']?(?<![\p{L}\p{N}])(?:first|last|given|family|middle|fore|sur)(?:[ _-]?names?)?["']? ?[:=] ?/giu, ''],
  [/(?<![\p{L}\p{N}])(?:doctor|dr|mister|mr|mrs|ms|miss|prof|professor)\.? (?=\p{L})/giu, ''],
  // An initial between two names.
  [/(?<=\p{L}{2} )\p{Lu}\.? (?=\p{Lu}\p{L})/gu, ''],
];

// A number in which a letter looks like a digit: 4155552O71.
const DIGITS_WITH_LETTERS = /(?<![\p{L}\p{N}])(?=[OoIl]*\d)(?=\d*[OoIl])[\dOoIl]+(?![\p{L}\p{N}])/gu;

/** A normalized text without markup. */
export function withoutMarkup(form: string): string {
  return apply(MARKUP, form);
}

/** A text without the labels, titles and initials that stand in and before names. */
export function withoutLabels(form: string): string {
  return apply(LABELS, form);
}

/** A text with digits for the letters O and l within numbers. */
export function lettersAsDigits(form: string): string {
  return form.replace(DIGITS_WITH_LETTERS, (number) => number.replace(/[Oo]/g, '0').replace(/[Il]/g, '1'));
}

function apply(rules: readonly Rule[], form: string): string {
  return rules.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement as string), form);
}
