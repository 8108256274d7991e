import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readWitnesses } from '../../../shared/process/witnesses-file.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../shared/transparency/verifier-key.ts';
import { signerOf } from '../../support/signers.ts';

// filippo.io/torchwood v0.10.0, cmd/age-keylookup/default_policy.txt.
const LITTLE_GARDEN =
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM https://api.transparency.dev/dev/witness/little-garden/';
const STAGEMOLE =
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv https://witness.stagemole.eu/';

const { publicKey } = signerOf(1);
const keyOf = (name: string, kind: 'cosignature' | 'ed25519' = 'cosignature') =>
  formatVerifierKey(verifierKeyOf(name, publicKey, kind));

function read(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'witnesses');
  writeFileSync(file, text);
  const problems: string[] = [];
  return { witnesses: readWitnesses(file, problems), problems };
}

test('witnesses are read with their addresses, whatever line ends, comments and empty lines there are', (t) => {
  const { witnesses, problems } = read(
    t,
    `# Witnesses\r\n\r\n${LITTLE_GARDEN}\r\n  # another\n${STAGEMOLE}\n${keyOf('local')}\thttp://127.0.0.1:7380`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    witnesses.map(({ key, url }) => [key.name, key.kind, url]),
    [
      [
        'transparency.dev/DEV:witness-little-garden',
        'cosignature',
        'https://api.transparency.dev/dev/witness/little-garden',
      ],
      ['witness.stagemole.eu', 'cosignature', 'https://witness.stagemole.eu'],
      ['local', 'cosignature', 'http://127.0.0.1:7380'],
    ],
  );
});

test('every fault is named by its line, and nothing of the line is shown', (t) => {
  const address = 'https://secret.example';
  const key = keyOf('secret.example/w1');
  const faulty = {
    'a key alone': key,
    'an address alone': address,
    'three words': `${key} ${address} more`,
    'a key of a log': `${keyOf('secret.example/log', 'ed25519')} ${address}`,
    'a changed key': `${key.replace('+B', '+C')} ${address}`,
    'a name for a key': `secret.example/w1 ${address}`,
    'another scheme': `${key} ftp://secret.example`,
    'no scheme': `${key} secret.example`,
    'a query': `${key} ${address}?a=secret`,
    'a fragment': `${key} ${address}#secret`,
    'a user': `${key} https://user:secret@example.org`,
    'no host': `${key} https://`,
    'a backslash': `${key} https:\\\\secret.example`,
  };
  const { witnesses, problems } = read(t, `# faulty\n${Object.values(faulty).join('\n')}\n`);
  assert.deepEqual(witnesses, []);
  assert.deepEqual(
    problems.map((problem) => /^WITNESSES_FILE, line (\d+): must /.exec(problem)?.[1]),
    Object.keys(faulty).map((_, index) => `${index + 2}`),
  );
  assert.ok(!problems.join('\n').includes('secret'));
});

test('a name that is there before is refused, with both lines', (t) => {
  const other = formatVerifierKey(verifierKeyOf('w1', signerOf(2).publicKey, 'cosignature'));
  const { problems } = read(t, `${keyOf('w1')} https://a.example\n\n${other} https://b.example\n`);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^WITNESSES_FILE, line 3: has the name of line 1/);
});

test('more witnesses than a note has room for are refused', (t) => {
  const lines = Array.from({ length: 65 }, (_, index) => `${keyOf(`w${index}`)} https://a.example`);
  assert.deepEqual(read(t, lines.slice(1).join('\n')).problems, []);
  assert.match(read(t, lines.join('\n')).problems[0] ?? '', /^WITNESSES_FILE lists more than 64/);
});

test('a file that cannot be read is told by the variable', () => {
  const problems: string[] = [];
  assert.deepEqual(readWitnesses('/absent/witnesses', problems), []);
  assert.deepEqual(problems, ['WITNESSES_FILE names a file that cannot be read']);
});
