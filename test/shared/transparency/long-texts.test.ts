// Whoever hands us a text chooses its length: a pattern that repeats lines would overflow the engine's stack.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTilePath } from '../../../shared/merkle/tile-path.ts';
import { parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import { parseNote } from '../../../shared/transparency/note.ts';
import { readPrivateKey } from '../../../shared/transparency/signer.ts';
import { parseStatement } from '../../../shared/transparency/statement.ts';
import { parseTlogProof } from '../../../shared/transparency/tlog-proof.ts';
import { parseVerifierKey } from '../../../shared/transparency/verifier-key.ts';

const parsers = {
  parseTilePath,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  readPrivateKey,
  parseStatement: (text: string) => parseStatement('report', text),
  parseTlogProof,
  parseVerifierKey,
};
const MANY = 5_000_000;
const texts = {
  'of hashes': `c2sp.org/tlog-proof@v1\nindex 0\n${'AA==\n'.repeat(MANY)}\nnote`,
  'of lines': 'a\n'.repeat(MANY),
  'of empty lines': '\n'.repeat(MANY),
  'of signatures': `a\n\n${'— a AAAAAAAA\n'.repeat(MANY / 10)}`,
  'of one letter': 'a'.repeat(MANY),
  'of pluses': '+'.repeat(MANY),
  'of brackets': '['.repeat(MANY),
  'of parts of a path': `0/${'x001/'.repeat(MANY)}`,
  'of base64': `-----BEGIN PRIVATE KEY-----\n${'A\n'.repeat(MANY)}`,
};

for (const [what, text] of Object.entries(texts)) {
  test(`a very long text ${what} is refused by every parser, and none throws`, () => {
    for (const [name, parse] of Object.entries(parsers)) assert.equal(parse(text), null, name);
  });
}
