import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENTRY_LIMIT } from '../../../shared/audit/chain.ts';
import { readEntry } from '../../../shared/audit/entry.ts';
import { RAW_REDACTION, writeRaw } from '../../support/entries.ts';
import { IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';

function read(raw: Readonly<Record<string, string>>) {
  return readEntry(Buffer.from(writeRaw({ ...RAW_REDACTION, ...raw })));
}

function without(...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(RAW_REDACTION).filter(([name]) => !names.includes(name)));
}

/** A redaction of exactly so many bytes. */
function sized(length: number): Buffer {
  const shortest = writeRaw({ ...RAW_REDACTION, zz: '""' }).length;
  return Buffer.from(writeRaw({ ...RAW_REDACTION, zz: `"${'x'.repeat(length - shortest)}"` }));
}

describe('readEntry', () => {
  it('reads the fields of a redaction', () => {
    const entry = read({});
    assert.deepEqual(
      [entry?.seq, entry?.kind, entry?.pass, entry?.entityKind, entry?.ts],
      [0, 'redaction', 'gemma', 'NAME', '2026-05-02T18:46:30.458Z'],
    );
  });

  it('accepts any name and any text in UTF-8 as an entity kind of at most 128 bytes', () => {
    const kinds = [
      '',
      '__proto__',
      'constructor',
      '10',
      'a.b',
      '$gt',
      'é',
      '😀',
      'x'.repeat(128),
      'é'.repeat(64),
    ];
    for (const kind of kinds) assert.equal(read({ entity_kind: JSON.stringify(kind) })?.entityKind, kind);
    for (const kind of ['x'.repeat(129), 'é'.repeat(65)])
      assert.equal(read({ entity_kind: `"${kind}"` }), null);
  });

  it('keeps unknown members, also deeper ones that are named like known members', () => {
    const zz = '{"__proto__":{"x":1},"prev_hash":"none","seq":"no number","this_hash":[]}';
    const entry = read({ zz });
    assert.equal(entry?.seq, 0);
    const nested = entry?.members.get('zz') as Map<string, unknown>;
    assert.deepEqual([...nested.keys()], ['__proto__', 'prev_hash', 'seq', 'this_hash']);
  });

  it('reads an entry of an unknown kind without the fields of a redaction', () => {
    const raw = without('pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid');
    for (const kind of ['policy_reloaded', 'constructor', '__proto__', '']) {
      const entry = readEntry(Buffer.from(writeRaw({ ...raw, kind: JSON.stringify(kind) })));
      assert.deepEqual([entry?.kind, entry?.pass, entry?.entityKind], [kind, null, null]);
    }
  });

  it('accepts an entry of 32,768 bytes and no longer one', () => {
    assert.equal(sized(ENTRY_LIMIT).length, 32_768);
    assert.ok(readEntry(sized(ENTRY_LIMIT)));
    assert.equal(readEntry(sized(ENTRY_LIMIT + 1)), null);
  });

  it('refuses an entry without a required field', () => {
    for (const name of Object.keys(RAW_REDACTION)) {
      assert.equal(readEntry(Buffer.from(writeRaw(without(name)))), null, name);
    }
    const failure = { ...without('pass', 'span', 'confidence'), kind: '"rehydration_failed"' };
    assert.equal(readEntry(Buffer.from(writeRaw(failure))), null);
  });

  it('refuses an entry with a field of another type', () => {
    const wrong: Record<string, readonly string[]> = {
      seq: ['-1', '1.5', '"0"', 'null', '9007199254740992'],
      ts: ['"2026-02-29T00:00:00.000Z"', '"2026-05-02T18:46:30Z"', '"2026-05-02T24:00:00.000Z"', '0', 'null'],
      event_id: ['"evt_1"', '"sess_01KQN06Z90QBJ5YSNCD158HJA7"', 'null'],
      session_id: ['""', '"agt_01KQGDBJ00Z1Y2KSAAE0CESPPX"'],
      agent_id: ['""', '{}'],
      kind: ['null', '1'],
      span: ['[1]', '[2,1]', '[0,1,2]', '[-1,0]', '[0,1.5]', '"0"', '{}', 'null'],
      confidence: ['1.1', '-0.1', '"1"', 'null', 'true'],
      entity_kind: ['null', '1'],
      pass: ['null', '[]'],
      kid: ['1'],
      token_kind: ['false'],
      prev_hash: ['""', 'null', `"${'A'.repeat(64)}"`],
      this_hash: [`"${'a'.repeat(63)}"`, `"${'a'.repeat(65)}"`],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) assert.equal(read({ [name]: value }), null, `${name}: ${value}`);
    }
  });

  it('refuses an entry of a time that no calendar has', () => {
    for (const text of Object.values(IMPOSSIBLE_TIMES).flat()) {
      assert.equal(read({ ts: `"${text}"` }), null, text);
    }
  });

  it('refuses an entry that is not canonical JSON', () => {
    const usual = writeRaw(RAW_REDACTION);
    const texts = {
      'a space': usual.replace(',', ', '),
      'a newline at the end': `${usual}\n`,
      'a byte order mark': `\ufeff${usual}`,
      'members out of order': writeRaw({ zz: '1', ...RAW_REDACTION }),
      'a needless escape': usual.replace('NAME', 'N\\u0041ME'),
      'a number with a zero at the end': usual.replace('0.8', '0.80'),
      'a minus zero': usual.replace('"seq":0', '"seq":-0'),
      'an exponent where there is none': usual.replace('0.8', '8e-1'),
      'a name twice': usual.replace('"kid"', '"kid":"A","kid"'),
      'a name twice further down': writeRaw({ ...RAW_REDACTION, zz: '{"a":1,"a":1}' }),
      'a lone surrogate': writeRaw({ ...RAW_REDACTION, zz: '"\\ud800"' }),
      'a number beyond a double': writeRaw({ ...RAW_REDACTION, zz: '1e400' }),
      'no object': '[]',
      nothing: '',
      'deep nesting': writeRaw({ ...RAW_REDACTION, zz: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }),
    };
    for (const [what, text] of Object.entries(texts)) assert.equal(readEntry(Buffer.from(text)), null, what);
  });

  it('refuses an entry that is not UTF-8', () => {
    const usual = Buffer.from(writeRaw(RAW_REDACTION));
    const at = usual.indexOf('NAME');
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3]]) {
      const bytes = Buffer.concat([usual.subarray(0, at), Buffer.from(bad), usual.subarray(at)]);
      assert.equal(readEntry(bytes), null);
    }
  });
});
