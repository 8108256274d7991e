import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alignText } from '../../../shared/reports/align-text.ts';
import { AlignWork } from '../../../shared/reports/align-work.ts';
import { alignTranscripts } from '../../../shared/reports/transcripts.ts';

test('finds what tokens replaced', () => {
  assert.deepEqual(
    alignText(
      'This is Dr. Ruth <Adler>, my account is 10748688.',
      'This is [NAME_1], my account is [ACCOUNT_1].',
    ),
    { certain: true, originals: ['Dr. Ruth <Adler>', '10748688'] },
  );
});

test('finds a token at either end and one that is the whole text', () => {
  assert.deepEqual(alignText('Ann calls Bob', '[NAME_1] calls [NAME_2]').originals, ['Ann', 'Bob']);
  assert.deepEqual(alignText('Ann', '[NAME_1]'), { certain: true, originals: ['Ann'] });
});

test('takes tokens that touch as one stretch', () => {
  assert.deepEqual(alignText('Id AnnLee9!', 'Id [NAME_1][MRN_1]!'), {
    certain: true,
    originals: ['AnnLee9'],
  });
});

test('knows tokens of any kind and redactions without a number', () => {
  assert.deepEqual(alignText('a Ann b', 'a [__proto___1] b').originals, ['Ann']);
  assert.deepEqual(alignText('a Ann b', 'a [a.b$gt_12] b').originals, ['Ann']);
  assert.deepEqual(alignText('my 123-45-6789', 'my [SSN]').originals, ['123-45-6789']);
});

test('is not certain where two readings are possible, and gives both', () => {
  const { certain, originals } = alignText('Maria Alvarez 77 88', '[NAME_1] [ACCOUNT_1]');
  assert.equal(certain, false);
  assert.deepEqual([...originals].sort(), [
    '77 88',
    '88',
    'Alvarez 77 88',
    'Maria',
    'Maria Alvarez',
    'Maria Alvarez 77',
  ]);
});

test('takes an unchanged text in brackets for no replacement', () => {
  assert.deepEqual(alignText('[OK] Ann', '[OK] [NAME_1]').originals, ['Ann']);
  assert.deepEqual(alignText('see [NAME_1]', 'see [NAME_1]'), { certain: true, originals: [] });
});

test('is not certain of a text that was changed beside its tokens', () => {
  assert.equal(alignText('This is Ann.', 'That is [NAME_1].').certain, false);
  assert.equal(alignText('Ann', 'Ann [NAME_1]').certain, false);
});

test('takes the stretch that differs where no token marks it', () => {
  assert.deepEqual(alignText('my SSN 123-45-6789 ok', 'my SSN ***-**-6789 ok'), {
    certain: false,
    originals: ['123-45-6789'],
  });
});

test('reads any masking of distinct words back', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const part = fc.record({ text: word, original: fc.stringMatching(/^[A-Z0-9]{1,12}$/) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), word, (parts, end) => {
      const join = (slot: (index: number) => string) =>
        parts.map(({ text }, index) => `${text} ${slot(index)} `).join('') + end;
      const read = alignText(
        join((index) => parts[index]!.original),
        join((index) => `[NAME_${index}]`),
      );
      for (const { original } of parts) assert.ok(read.originals.includes(original));
    }),
  );
});

const chat = (...contents: readonly unknown[]) => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});

test('aligns payloads path by path', () => {
  const { aligned, maskedTexts, originals } = alignTranscripts(
    chat('I am Ann Lee', 'Hello', 'Ann Lee again'),
    chat('I am [NAME_1]', 'Hello', '[NAME_1] again'),
  );
  assert.equal(aligned, true);
  assert.deepEqual(originals, ['Ann Lee']);
  assert.deepEqual(maskedTexts, [
    { path: '/messages/0/content', text: 'I am [NAME_1]' },
    { path: '/messages/2/content', text: '[NAME_1] again' },
  ]);
});

test('counts of payloads that share their work with others what is over the bound of their own', () => {
  const work = new AlignWork();
  const masked = { text: `a ${'[NAME_1] a '.repeat(50)}` };
  assert.equal(alignTranscripts({ text: 'a '.repeat(20_000) }, masked, work).overBound, 1);
  const { overBound, originals } = alignTranscripts({ text: 'I am Ann' }, { text: 'I am [NAME_1]' }, work);
  assert.deepEqual([overBound, originals], [0, ['Ann']]);
});

test('reads objects that are Maps as it reads plain ones', () => {
  const request = new Map([['__proto__', 'I am Ann']]);
  const masked = new Map([['__proto__', 'I am [NAME_1]']]);
  assert.deepEqual(alignTranscripts(request, masked), {
    aligned: true,
    maskedTexts: [{ path: '/__proto__', text: 'I am [NAME_1]' }],
    originals: ['Ann'],
    overBound: 0,
  });
});

test('orders texts by path and not by the order of the members', () => {
  const paths = (request: object, masked: object) =>
    alignTranscripts(request, masked).maskedTexts.map(({ path }) => path);
  assert.deepEqual(paths({ b: 'x Ann', a: 'y Ann' }, { b: 'x [N_1]', a: 'y [N_1]' }), ['/a', '/b']);
  assert.deepEqual(paths({ a: 'y Ann', 'b/~': 'x Ann' }, { 'b/~': 'x [N_1]', a: 'y [N_1]' }), [
    '/a',
    '/b~1~0',
  ]);
});

test('finds a number that a token replaced', () => {
  assert.deepEqual(alignTranscripts({ account: 10748688 }, { account: '[ACCOUNT_1]' }).originals, [
    '10748688',
  ]);
});

test('finds a text that was replaced by null', () => {
  const { aligned, originals } = alignTranscripts({ ssn: '123-45-6789' }, { ssn: null });
  assert.deepEqual([aligned, originals], [false, ['123-45-6789']]);
});

test('finds a key that a token replaced', () => {
  const { aligned, originals } = alignTranscripts({ 'Ann Lee': 1 }, { '[NAME_1]': 1 });
  assert.deepEqual([aligned, originals], [false, ['Ann Lee']]);
});

test('takes a member that is only missing for removed, not replaced', () => {
  const { aligned, originals } = alignTranscripts({ model: 'gpt-4o-mini', text: 'a' }, { text: 'a' });
  assert.deepEqual([aligned, originals], [false, []]);
});

test('takes whole texts of several words where the shapes differ', () => {
  const { aligned, originals } = alignTranscripts(chat('I am Ann', 'b'), chat('b'));
  assert.deepEqual([aligned, originals], [false, ['I am Ann']]);
});

test('aligns nothing where a payload is missing', () => {
  assert.equal(alignTranscripts(null, null).aligned, false);
  assert.equal(alignTranscripts(undefined, undefined).aligned, false);
  assert.equal(alignTranscripts(chat('a'), null).aligned, false);
});

test('gives two characters of Chinese or Korean as an original only where a token of a name replaced them', () => {
  assert.deepEqual(alignText('王芳今天来', '[NAME_1][DATE_1]来').originals, ['王芳今天']);
  assert.deepEqual(alignText('王芳 今天 来', '[PERSON_NAME_1] [DATE_1] 来').originals, ['王芳']);
  assert.deepEqual(alignText('허준 씨', '[NAME] 씨').originals, ['허준']);
});
