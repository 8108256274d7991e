// Letters that look like others. Unicode keeps a table of thousands (UTS #39, confusables); these are the ones that
// whole words can be written in.

/** Cyrillic or Greek letters, each before the Latin one that it looks like. */
const CYRILLIC = pairs('аaеeоoрpсcуyхxіiјjѕsԁdһhԛqԝwкkмmтtвbнhАAВBЕEІIЈJКKМMНHОOРPСCЅSТTУYХXԚQԜW');
const GREEK = pairs('αaοoνvρpιiκkυuτtεeηnγyχxωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX');
const TO_LATIN = new Map([...CYRILLIC, ...GREEK]);
const FROM_LATIN = [CYRILLIC, GREEK].map((letters) => new Map(letters.map(([own, latin]) => [latin, own])));

/** Lisu letters were made from Latin capitals; of Cherokee ones these look like some. */
const LISU = pairs('ꓐBꓑPꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓦVꓧHꓪWꓫXꓬYꓮAꓰEꓲIꓳOꓴU');
const CHEROKEE = pairs('ᎠDᎡRᎢTᎥiᎩYᎪAᎫJᎬEᎳWᎷMᎻHᎽYᏀGᏂhᏃZᏏbᏒRᏔWᏕSᏙVᏚSᏞLᏟCᏢPᏦKᏧdᏴB');
const CAPITALS = new Map([...LISU, ...CHEROKEE]);
const LISU_OR_CHEROKEE = /[\p{sc=Lisu}\p{sc=Cher}]/u;

const WORD = /\p{L}+/gu;
const LATIN = /\p{sc=Latn}/u;
const CYRILLIC_OR_GREEK = /[\p{sc=Cyrl}\p{sc=Grek}]/u;

// Small capitals, which Unicode holds for letters of phonetic alphabets.
const SMALL_CAPITALS = new Map(
  [...'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ'].map((letter, index) => [
    letter,
    'abcdefghijklmnopqrstuvwyz'.charAt(index),
  ]),
);
const SMALL_CAPITAL = new RegExp(`[${[...SMALL_CAPITALS.keys()].join('')}]`, 'g');
// White letters in black circles and squares: two runs, 32 apart.
const DARK_LETTER = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}]/gu;
// Digits in circles, by run: each begins with one.
const CIRCLED_ONES = [0x2776, 0x2780, 0x278a, 0x24f5];
const CIRCLED_DIGIT = /[\u2776-\u277e\u2780-\u2788\u278a-\u2792\u24f5-\u24fd]/g;

/**
 * The text with letters of one script in each word: a word of Latin and Cyrillic or Greek letters is written in the
 * script in which all of it can be. A word of Lisu or Cherokee letters that all look like Latin ones is written in those.
 * Letters and digits in dark circles and squares become plain ones.
 */
export function replaceLookalikes(text: string): string {
  return text
    .replace(WORD, (word) => (LISU_OR_CHEROKEE.test(word) ? inCapitals(word) : word))
    .replace(WORD, (word) => (isOfTwoScripts(word) ? inOneScript(word) : word))
    .replace(SMALL_CAPITAL, (letter) => SMALL_CAPITALS.get(letter) as string)
    .replace(DARK_LETTER, (letter) =>
      String.fromCharCode(0x41 + (((letter.codePointAt(0) as number) - 0x1f150) % 0x20)),
    )
    .replace(CIRCLED_DIGIT, (digit) => {
      const code = digit.charCodeAt(0);
      return String(code - Math.max(...CIRCLED_ONES.filter((one) => one <= code)) + 1);
    })
    .replace(/[\u24ff\u{1f10b}\u{1f10c}]/gu, '0');
}

/** A word that is not all of such letters is Lisu or Cherokee. */
function inCapitals(word: string): string {
  // Cherokee has small letters, too.
  const latin = [...word].map((letter) => CAPITALS.get(letter.toUpperCase()) ?? letter).join('');
  return LISU_OR_CHEROKEE.test(latin) ? word : latin;
}

function isOfTwoScripts(text: string): boolean {
  return CYRILLIC_OR_GREEK.test(text) && LATIN.test(text);
}

function inOneScript(word: string): string {
  const latin = [...word].map((letter) => TO_LATIN.get(letter) ?? letter).join('');
  if (!CYRILLIC_OR_GREEK.test(latin)) return latin;
  for (const letters of FROM_LATIN) {
    const other = [...word].map((letter) => letters.get(letter) ?? letter).join('');
    if (!LATIN.test(other)) return other;
  }
  return word;
}

function pairs(letters: string): [string, string][] {
  return Array.from({ length: letters.length / 2 }, (_, i) => [
    letters.charAt(2 * i),
    letters.charAt(2 * i + 1),
  ]);
}
