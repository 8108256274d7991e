// Names in the scripts that the fonts of the pages have. Many of their letters join, stack or change places.
export const NAMES: readonly string[] = [
  ...['Riverside Clinic', 'Köln Łódź', 'Nguyễn Thị Ánh', 'Ελλάδα', 'Київ', '→ ≤ € “x”', 'محمد علي', 'שָׁלוֹם'],
  ...['Հայկ', 'ნინო', 'राजेश क्षत्रिय', 'রহিম ক্ষমা', 'ਗੁਰਪ੍ਰੀਤ', 'પટેલ ક્ષ', 'ରାମ କ୍ଷ', 'தமிழ்செல்வன்', 'లక్ష్మి'],
  ...['ಕನ್ನಡ', 'മലയാളം', 'සිංහල', 'สมชาย น้ำ', 'ນ້ຳ', 'ស្ត្រី', 'ကြွေ့', 'አበበ', 'ᏣᎳᎩ', 'ދިވެހި'],
  // Persian and Indic names, with the joiners that belong to their spelling.
  ...['پژمان گنجی', 'علی\u200cرضا', 'ශ්\u200dරී', 'ক\u09cd\u200dষ'],
  ...['张伟', '陳大文', '渡辺さくら', 'ワタナベ', '𠮷野', '김철수'],
];
