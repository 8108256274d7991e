import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mendModes } from '../../../scripts/setup/mend-modes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

function mended(dataDir: string): string[] {
  const lines: string[] = [];
  mendModes(dataDir, (line) => lines.push(line));
  return lines;
}

function folder(t: TestContext, modes: Readonly<Record<string, number>>): string {
  const dataDir = join(temporaryFolder(t), 'data');
  mkdirSync(join(dataDir, 'redis'), { recursive: true });
  writeFileSync(join(dataDir, 'keys.json'), '{}');
  writeFileSync(join(dataDir, 'signing-key.pem'), '');
  for (const [name, mode] of Object.entries(modes)) chmodSync(join(dataDir, name), mode);
  return dataDir;
}

test('keys and folders that others can read are named, and get modes 0600 and 0700', (t) => {
  const dataDir = folder(t, { redis: 0o755, 'keys.json': 0o644, 'signing-key.pem': 0o640, '': 0o751 });
  assert.deepEqual(mended(dataDir), [
    `${dataDir} has mode 0751: others on this machine can reach what is in it. Its mode is 0700 now.`,
    `${join(dataDir, 'redis')} has mode 0755: others on this machine can reach what is in it. Its mode is 0700 now.`,
    `${join(dataDir, 'keys.json')} has mode 0644: others on this machine can reach what is in it. Its mode is 0600 now.`,
    `${join(dataDir, 'signing-key.pem')} has mode 0640: others on this machine can reach what is in it. Its mode is 0600 now.`,
  ]);
  const found = ['', 'redis', 'keys.json', 'signing-key.pem'].map((name) => modeOf(join(dataDir, name)));
  assert.deepEqual(found, ['700', '700', '600', '600']);
});

test('modes that are narrow enough, and files that are not there, are passed over', (t) => {
  const dataDir = folder(t, { redis: 0o700, 'keys.json': 0o400, 'signing-key.pem': 0o600, '': 0o700 });
  assert.deepEqual(mended(dataDir), []);
  assert.equal(modeOf(join(dataDir, 'keys.json')), '400');
  assert.deepEqual(mended(join(dataDir, 'absent')), []);
});

test('a folder that many use is named, and keeps its mode', (t) => {
  const shared = join(temporaryFolder(t), 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  const link = `${shared}-link`;
  symlinkSync(shared, link);
  for (const dataDir of [shared, link]) {
    assert.deepEqual(mended(dataDir), [
      `${dataDir} has mode 1777: others on this machine can reach what is in it. Set DATA_DIR to a folder of this user, or run: chmod 0700 ${dataDir}`,
    ]);
  }
  assert.equal(modeOf(shared), '1777');
});
