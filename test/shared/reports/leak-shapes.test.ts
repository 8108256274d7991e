import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findShapes } from '../../../shared/reports/leak-shapes.ts';

const HELD: Readonly<Record<string, readonly string[]>> = {
  SSN: [
    '123-45-6789',
    'SSN:123-45-6789.',
    '123 45 6789',
    '123.45.6789',
    '123\n45\n6789',
    '899-45-6789',
    '123/45/6789',
    '123 / 45 / 6789',
    '123·45·6789',
    '123_45_6789',
    '123--45--6789',
    '123 . 45 . 6789',
    'ssn123-45-6789',
    '123,45,6789',
    'SSN 123456789',
    '123 456 789 is my social',
    '١٢٣-٤٥-٦٧٨٩',
    '123‑45‑6789',
    '123 – 45 – 6789',
    '123\u00a045\u20096789',
    '１２３-４５-６７８９',
    '12\u200b3-4\u20605-67\u202e89',
    '123\u2212 45\u2212 6789',
    '(123-45-6789)',
    '123%2D45%2d6789',
    '123\\u002d45\\x2d6789',
    '123&#45;45&#x2d;6789',
    '123&ndash;45&nbsp;-6789',
    '123&dash;45&MINUS;6789',
    '123&Tab;45&Tab;6789',
    '123&NewLine;45&NewLine;6789',
    '123&period;45&period;6789',
    '123&#150;45&#0000000045;6789',
    '123&thinsp;45&ensp;6789',
    '1&ZeroWidthSpace;23-45&zwnj;-678&shy;9',
    '123\uff052D45\uff052d6789',
    '123%\u200b2D45%2\u00add6789',
    '123%252D45%25252D6789',
    '123\\\\u002d45\\u{2d}6789',
    '123%2D45%2D6789%FF',
    '123-45-\n  6789',
    '123\\n45\\n6789',
    '{"note":"{\\"ssn\\":\\"123-45-6789\\"}"}',
    '123-00-6789',
    '𝟏𝟐𝟑-𝟒𝟓-𝟔𝟕𝟖𝟗',
    '①②③-④⑤-⑥⑦⑧⑨',
    '1\u00ad2\u200d3-\ufeff45-67\u061c89',
  ],
  'phone number': [
    '212-555-0147',
    '(212) 555-0147',
    '212.555.0147',
    '2125550147',
    '+12125550147',
    '+1 (212) 555-0147',
    '1-212-555-0147',
    'tel:+1-212-555-0147',
    '212/555-0147',
    '+49 30 901820',
    '+44 (20) 7946 0958',
    '0049 30 901820',
    '011 49 30 901820',
    '4 1 5 5 5 5 2 6 7 1',
    'main-line-4155552671',
    'Tel4155552671',
    '4155552671x12',
    '[415] 555-2671',
    '( 415 ) 555-2671',
    '415:555:2671',
    'ph_4155552671',
    'area code 415, number 555-2671',
    'call me at 41 55 55 26 71',
    'tel. 0161 496 0732',
    'my number is 4155552671',
    'tel&colon;&plus;1&lpar;212&rpar;555&sol;0147',
  ],
  'card number': [
    '4111111111111111',
    'card4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '378282246310005',
    '3782 822463 10005',
    '5555555555554444',
    '4222222222222',
    '2000 4111 1111 1111 1111',
    '4111-1111 1111.1111',
    '3782-822463 10005',
    '4111 1111 1111 1111 110',
    '4111:1111:1111:1111',
    '4111 | 1111 | 1111 | 1111',
    'cc4111111111111111',
    'card_4111111111111111',
  ],
  'e-mail address': [
    'ann@example.com',
    'ann.lee+x@mail.example.co.uk',
    'write to <ann_lee@example.org>.',
    '"ann lee"@example.org',
    'ann＠example．com',
    'ann%40example.com',
    'ann&commat;example&period;com',
    'ANN&COMMAT;EXAMPLE&Period;COM',
    'ann&lowbar;@example.com',
    'ann&percnt;&commat;example.com',
    'ann\\u0040example.com',
    'ann@example.com.',
    'ann@bücher.example',
    'ann@xn--bcher-kva.example',
    'ann[at]example[dot]org',
    'ann@example[.]org',
    'ann@[192.0.2.7]',
    'ann dot lee at example dot org',
    'my email is ann at example dot org',
    'ann lee at gmail dot com',
  ],
};

for (const [shape, texts] of Object.entries(HELD)) {
  for (const text of texts) {
    test(`finds the ${shape} in ${JSON.stringify(text)}`, () => {
      assert.ok((findShapes(text) as string[]).includes(shape));
    });
  }
}

const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  'invalid area of an SSN': ['000-45-6789', '666-45-6789', '900-45-6789'],
  'unequal separators': ['123-45 6789'],
  'a touching letter, digit or underscore': [
    'x123-45-6789',
    '123-45-67890',
    'é123-45-6789',
    '_123-45-6789',
    '123-45-6789_',
  ],
  'a decimal number': ['0.123-45-6789', '123-45-6789.5', '0.2125550147'],
  'area or exchange from 0 or 1': ['112-555-0147', '212-155-0147'],
  'a wrong check digit': ['4111111111111112', '4111 1111 1111 1112'],
  'a card that starts with 1, 7, 8 or 9': ['1111111111111117', '9111111111111110'],
  'three groups that are no groups': ['123456789', '12-345-6789', '123-456-789'],
  'too few or too many digits for a card': [
    '411111111111',
    '41111111111111111111',
    '4111 1111 1111 11111111',
  ],
  'an escape of no character': ['123&#9999999;45&#x110000;6789', '%%%', '\\u{ffffff}', '&unknown;'],
  'a website, which is at a name too': [
    'Visit us at www.clinic.org',
    'Find hours at lakeside-clinic.org or ask',
    'book online at clinic dot com',
    'log in at portal.clinic.health',
    'She works at Booking.com',
    'Email us the form you find at clinic.org',
    'read about covid19 at cdc.gov',
    'www.stay-at-home.org',
  ],
  'a handle': ['we are @riverside.health', 'rate 5 @ 2.com'],
  'a count, or the number of something': [
    'claim number 7045551234',
    'read 4155552671 bytes',
    'took 2155550123 ns',
    'order 6174839205 has shipped',
    'the number of callers was 2155550123',
    'build 523.48.1907',
    'row: 215,555,2671',
  ],
  'a list of numbers': [
    'reach rows 41 55 55 26 71',
    'text sizes 20 22 24 26 28',
    'mobile breakpoints 320 480 640 768 1024',
    'credit hours 3 3 4 4 3 3 4 3 3 4 3 3 3',
    'pages 212-215, 2671',
    'call on 01/02/2026 10:30',
  ],
  'no top-level domain': ['ann@localhost', 'pkg@1.2.3', 'a @ b'],
  'numbers on lines of a YAML list': ['- 212\n- 555\n- 1234'],
  'everyday words of a report': [
    'healthcare-default',
    'gpt-4o-mini',
    'claude-3-5-sonnet-20241022',
    'gpt-4o-2024-11-20',
    '2026-05-03T21:14:32.794Z',
    'appointment-bot-prod',
    'Köln Empfang 日本',
  ],
};

for (const [what, texts] of Object.entries(HARMLESS)) {
  for (const text of texts) {
    test(`takes ${JSON.stringify(text)} for harmless: ${what}`, () => {
      assert.deepEqual(findShapes(text), []);
    });
  }
}

test('finds a shape behind a long hostile text', () => {
  for (const unit of ['a.', '@a', '1-', '4', 'a@b.', '%25', '212 ', '\\u0031']) {
    assert.deepEqual(findShapes(`${unit.repeat(100_000)}| 123-45-6789`).includes('SSN'), true);
  }
});
