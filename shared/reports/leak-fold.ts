// One spelling for the letters that people and programs write in several ways.

// Letters that no decomposition of Unicode takes apart, the Arabic letters that Persian has other ones for, and the
// letters that one language writes as another language's two.
const PLAIN: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ς: 'σ',
  ي: 'ی',
  ى: 'ی',
  ك: 'ک',
  ة: 'ه',
};
const PLAIN_LETTERS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');
// Accents, the signs of vowels, and the dots below letters of India: a name is as often written without.
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u093c\u09bc\u0a3c\u0abc\u0b3c]/g;
const KATAKANA = /[\u30a1-\u30f6]/g;
/** From a letter of Katakana to the same one of Hiragana. */
const KANA_DISTANCE = 0x60;

/** A normalized text in lower case without accents, by way of upper case: ß becomes ss. */
export function foldCase(form: string): string {
  return form
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(PLAIN_LETTERS, (letter) => PLAIN[letter] as string)
    .replace(KATAKANA, (letter) => String.fromCharCode(letter.charCodeAt(0) - KANA_DISTANCE));
}
