import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import canonicalizeByPackage from 'canonicalize';
import fc from 'fast-check';
import { canonicalize, JsonError, parseJson } from '../../../shared/audit/canonical-json.ts';
import vectors from '../../vectors/jcs.json' with { type: 'json' };

describe('canonical JSON vectors', () => {
  for (const { name, input, output } of vectors.cases as { name: string; input: string; output?: string }[]) {
    if (output === undefined) {
      it(`refuses ${name}`, () => {
        assert.throws(() => canonicalize(parseJson(input)), JsonError);
      });
    } else {
      it(`canonicalizes ${name}`, () => {
        assert.equal(canonicalize(parseJson(input)), output);
      });
    }
  }

  for (const { ieee, expected } of vectors.numbers) {
    it(`${expected === null ? 'refuses' : 'prints'} the number ${ieee}`, () => {
      const value = Buffer.from(ieee, 'hex').readDoubleBE();
      if (expected === null) assert.throws(() => canonicalize(value), JsonError);
      else assert.equal(canonicalize(value), expected);
    });
  }
});

describe('canonicalize', () => {
  it('canonicalize keeps names that are special in JavaScript', () => {
    const text = '{"10":1,"9":2,"__proto__":3,"constructor":4}';
    assert.equal(canonicalize(parseJson(text)), text);
    assert.equal(canonicalize(JSON.parse(text)), text);
  });

  it('canonicalize refuses values that JSON cannot hold', () => {
    for (const value of [undefined, () => 0, Symbol('s'), 1n, { a: undefined }, new Map([[1, 2]])]) {
      assert.throws(() => canonicalize(value), JsonError);
    }
  });

  it('canonicalize writes every character as JSON.stringify does, in values and names, and refuses a lone surrogate', () => {
    for (let code = 0; code < 0x10000; code += 1) {
      const text = `a${String.fromCharCode(code)}`;
      if (!text.isWellFormed()) {
        for (const value of [text, { [text]: 1 }, new Map([[text, 1]])]) {
          assert.throws(() => canonicalize(value), JsonError);
        }
      } else {
        const written = JSON.stringify(text);
        assert.equal(canonicalize(text), written);
        assert.equal(canonicalize(new Map([[text, 1]])), `{${written}:1}`);
      }
    }
    assert.equal(canonicalize({ 'a"\u{1f600}': '\u{1f600}' }), '{"a\\"\u{1f600}":"\u{1f600}"}');
  });

  it('canonicalize gives the text of an independent package, in any order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalize(value);
        assert.equal(text, canonicalizeByPackage(value));
        assert.equal(canonicalize(parseJson(JSON.stringify(value))), text);
      }),
    );
  });

  it('parseJson reads a string of millions of escapes', () => {
    const text = JSON.stringify('\n'.repeat(4_000_000));
    assert.equal((parseJson(text) as string).length, 4_000_000);
    assert.throws(() => parseJson(text.slice(0, -1)), JsonError);
    assert.throws(() => parseJson(`${text.slice(0, -1)}\\q"`), JsonError);
  });

  it('canonicalize writes values as deeply nested as parseJson reads, and no deeper', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    const deepest = `${'['.repeat(256)}1${']'.repeat(256)}`;
    assert.equal(canonicalize(nested(256)), deepest);
    assert.equal(canonicalize(parseJson(deepest)), deepest);
    assert.throws(() => canonicalize(nested(257)), JsonError);
    assert.throws(() => parseJson(`[${deepest}]`), JsonError);
  });

  it('canonicalize gives the same text for every spelling of a value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalize(parseJson(JSON.stringify(value)));
        assert.equal(canonicalize(parseJson(JSON.stringify(value, null, 2))), text);
        assert.equal(canonicalize(parseJson(text)), text);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('parseJson', () => {
  it('parseJson accepts and refuses what JSON.parse does, but for what I-JSON forbids', () => {
    const texts = [
      '',
      ' ',
      '{',
      '[1,]',
      '{"a":1,}',
      '01',
      '1.',
      '.5',
      '-',
      '+1',
      '"\n"',
      '"\\x"',
      "'a'",
      'nul',
      '[1 2]',
    ];
    for (const text of [...texts, '{"a"1}', '1 1', '\ufeff1', '\u00a01', '"\\u12"', '[', '{"a":']) {
      assert.throws(() => JSON.parse(text), text);
      assert.throws(() => parseJson(text), JsonError, text);
    }
  });

  it('parseJson refuses values nested too deeply instead of exhausting the stack', () => {
    assert.throws(() => parseJson('['.repeat(30_000)), JsonError);
  });

  it('an error of parseJson names an offset and no content', () => {
    assert.throws(() => parseJson('{"secret":1,"secret":2}'), {
      message: 'Duplicate property name at offset 12',
    });
  });
});
