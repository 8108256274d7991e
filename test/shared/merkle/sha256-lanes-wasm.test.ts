import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileWasm, WASM_FILE } from '../../../scripts/build-wasm.ts';

test('sha256-lanes.wasm holds the bytes that its AssemblyScript source compiles to', async () => {
  const compiled = Buffer.from(await compileWasm());
  assert.ok(compiled.equals(readFileSync(WASM_FILE)), 'Not current: npm run build:wasm writes it again.');
});
