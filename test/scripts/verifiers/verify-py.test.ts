import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { KEY, MACS, WITNESSES } from '../../support/evidence-corpus/case.ts';
import { packOf, sessionPdf } from '../../support/evidence-corpus/containers.ts';
import { eventProof, rangeProof } from '../../support/evidence-corpus/event-proofs.ts';
import { LARGE_PDFS } from '../../support/evidence-corpus/large-files.ts';
import { makeReport } from '../../support/evidence-corpus/session-reports.ts';
import { SESSIONS } from '../../support/evidence-corpus/sessions.ts';
import { makeWide, widePdf } from '../../support/evidence-corpus/wide-reports.ts';
import { evaluatePython, runPython, VERIFIER, WITH_PYTHON } from '../../support/python.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { corpusFolder } from '../../support/verifiers/corpus-folder.ts';
import { differencesOf, type Line, marksOf, type Outcome } from '../../support/verifiers/corpus-outcomes.ts';
import jcs from '../../vectors/jcs.json' with { type: 'json' };
import rfc6962 from '../../vectors/rfc6962.json' with { type: 'json' };

describe('verify.py', WITH_PYTHON, () => {
  it('says of every case of the corpus what the rules demand', async (t) => {
    const corpus = corpusFolder(t);
    const list = join(corpus.folder, 'arguments.json');
    writeFileSync(list, JSON.stringify(corpus.cases.map(({ args }) => args)));
    const { code, stdout, stderr } = await runPython([VERIFIER, '--cases', list], corpus.folder);
    assert.equal(code, 0, stderr);
    const outcomes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome);
    assert.ok(outcomes.length >= 400);
    assert.equal(outcomes.length, corpus.cases.length);
    assert.deepEqual(differencesOf(corpus.cases, outcomes), []);
  });

  it('calls no PDF failed for its size', async (t) => {
    const folder = temporaryFolder(t);
    for (const { name, make, marks } of LARGE_PDFS) {
      writeFileSync(join(folder, 'large.pdf'), make());
      const { stdout } = await runPython([VERIFIER, '--json', 'large.pdf', ...KEY], folder);
      const lines = stdout.trimEnd().split('\n');
      assert.equal(marksOf(lines.map((line) => JSON.parse(line) as Line)), marks, name);
    }
  });

  it('imports nothing but the standard library, and nothing that opens a connection', async () => {
    const modules = await evaluatePython(
      'import ast\n' +
        'tree = ast.parse(open(verify.__file__, encoding="utf-8").read())\n' +
        'print(sorted(name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names))\n' +
        'print([node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)])',
    );
    const imports = [
      'base64',
      'binascii',
      'calendar',
      'datetime',
      'functools',
      'hashlib',
      'hmac',
      'io',
      'json',
      'math',
      'os',
    ];
    const more = ['re', 'struct', 'sys', 'time', 'unicodedata', 'zlib'];
    assert.equal(modules, `[${[...imports, ...more].map((name) => `'${name}'`).join(', ')}]\n[]\n`);
  });

  it('computes the test vectors of RFC 8032', async () => {
    assert.equal(await evaluatePython('verify.check_arithmetic(); print(len(verify.RFC_8032_TESTS))'), '3\n');
  });

  it('gives the verdicts of OpenSSL on Ed25519 signatures, good and damaged', async () => {
    const cases = signatureCases();
    const verdicts = await evaluatePython(
      `cases = ${JSON.stringify(cases.map(({ key, message, signature }) => [key, message, signature]))}\n` +
        'for case in cases: print(verify.ed25519_verifies(*[bytes.fromhex(part) for part in case]))',
    );
    const expected = cases.map(({ expected: holds }) => (holds ? 'True' : 'False'));
    assert.deepEqual(verdicts.trimEnd().split('\n'), expected);
  });

  it('refuses public keys that name no point, or name one in a second way', async () => {
    // RFC 8032 section 5.1.3: y at or above the prime, no x for y, x zero with its sign set.
    const keys = [
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
      `02${'00'.repeat(31)}`,
      `01${'00'.repeat(30)}80`,
    ];
    const found = await evaluatePython(
      `for key in ${JSON.stringify(keys)}: print(verify.decode_point(bytes.fromhex(key)))`,
    );
    assert.deepEqual(found.trimEnd().split('\n'), ['None', 'None', 'None', 'None']);
  });

  it('writes canonical JSON as RFC 8785 has it, and refuses what has none', async () => {
    const found = await evaluatePython(
      `import json, struct
for text in json.loads(${JSON.stringify(JSON.stringify(jcs.cases.map(({ input }) => input)))}):
    try: print(json.dumps(verify.canonical(verify.parse_json(text, "it")).encode("utf-8").decode("utf-8")))
    except (verify.Failed, UnicodeEncodeError): print("null")
for hex in ${JSON.stringify(jcs.numbers.filter(({ expected }) => expected !== null).map(({ ieee }) => ieee))}:
    print(json.dumps(verify.number_text(struct.unpack(">d", bytes.fromhex(hex))[0])))`,
    );
    const texts = (jcs.cases as { output?: string }[]).map(({ output }) => output ?? null);
    const numbers = jcs.numbers.flatMap(({ expected }) => expected ?? []);
    const lines = found
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as string | null);
    assert.deepEqual(lines, [...texts, ...numbers]);
  });

  it('computes the roots of RFC 6962', async () => {
    const found = await evaluatePython(
      `leaves = [verify.leaf_hash(bytes.fromhex(leaf)) for leaf in ${JSON.stringify(rfc6962.leaf_inputs_hex)}]\n` +
        'for size in range(9): print(verify.root_of(leaves[:size]).hex())',
    );
    assert.deepEqual(found.trimEnd().split('\n'), Object.values(rfc6962.roots_by_size));
  });

  it('catches each bit that --self-test changes, in every kind of file', async (t) => {
    for (const [name, files] of Object.entries(selfTestable())) {
      const paths = store(t, files);
      const { code, stdout } = await runPython([VERIFIER, '--self-test', ...paths, ...KEY]);
      assert.equal(code, 0, `${name}: ${stdout}`);
      assert.match(stdout, /(\d+) changes of one bit, \1 caught\.\n$/, name);
    }
  });

  it('exits 2 at --self-test where a check is missing', async (t) => {
    const text = readFileSync(VERIFIER, 'utf8');
    const mutant = text.replace('need(\n            root == checkpoint.root,', 'need(\n            True,');
    assert.notEqual(mutant, text);
    const [program = '', file = ''] = store(t, [Buffer.from(mutant), sessionPdf(unsigned())]);
    const { code, stdout } = await runPython([program, '--self-test', file, ...KEY]);
    assert.match(stdout, /NOT CAUGHT/);
    assert.equal(code, 2);
  });

  it('refuses --self-test of a file that is not verified as it is', async (t) => {
    const paths = store(t, [sessionPdf(makeReport({ session: SESSIONS.sealed }))]);
    const { code, stdout } = await runPython([VERIFIER, '--self-test', ...paths]);
    assert.match(stdout, /there is nothing that a change could break\.\n$/);
    assert.equal(code, 1);
  });

  it('prints an axis a line, and of two reports the relation', async (t) => {
    const paths = store(t, [sessionPdf(makeReport({ session: SESSIONS.sealed }))]);
    const options = [...KEY, ...WITNESSES, ...stored(t, MACS)];
    const one = await runPython([VERIFIER, ...paths, ...options]);
    assert.equal(one.code, 0);
    const axes = ['bytes', 'statement', 'entries', 'completeness', 'log', 'witnesses', 'pages', 'macs'];
    const verdicts = one.stdout
      .trimEnd()
      .split('\n')
      .map((line) => /^(\w+): (verified|not checked), ./.exec(line)?.[1]);
    assert.deepEqual(verdicts, axes);
    const two = await runPython([VERIFIER, ...paths, ...paths, ...options]);
    assert.match(two.stdout, /^both files\nrelation: verified, the same log$/m);
  });

  it('prints its usage', async () => {
    const { code, stdout } = await runPython([VERIFIER, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /--audit-key-file FILE/);
    assert.equal((await runPython([VERIFIER])).code, 64);
  });

  it('prints text from a file so that it cannot steer a terminal', async (t) => {
    const report = makeReport({ session: SESSIONS.sealed, report: { session_id: 'sess_\u001b[2J\u202e' } });
    const { stdout } = await runPython([VERIFIER, ...store(t, [report.json]), ...KEY]);
    assert.match(stdout, /\\x1b\[2J\\u202e/);
    assert.doesNotMatch(stdout, /\p{Cc}(?<!\n)|\u202e/u);
  });
});

type SignatureCase = Readonly<{ key: string; message: string; signature: string; expected: boolean }>;

/** Signatures with the verdicts of OpenSSL on them: good ones, and with each byte changed. */
function signatureCases(): SignatureCase[] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const cases: SignatureCase[] = [];
  for (const length of [0, 1, 63, 64, 65, 1000]) {
    const message = Buffer.alloc(length, length);
    const signature = sign(null, message, privateKey);
    const damaged = Array.from(signature, (byte, i) => signature.with(i, byte ^ (1 << (i % 8))));
    for (const each of [signature, ...(length === 64 ? damaged : []), signature.subarray(1)]) {
      cases.push({
        key: raw.toString('hex'),
        message: message.toString('hex'),
        signature: Buffer.from(each).toString('hex'),
        expected: verify(null, message, publicKey, each),
      });
    }
  }
  return cases;
}

/** A report that no statement covers. */
function unsigned(): ReturnType<typeof makeReport> {
  return makeReport({ session: SESSIONS.sealed, key: null });
}

function selfTestable(): Record<string, readonly Uint8Array[]> {
  const whole = makeReport({ session: SESSIONS.sealed });
  return {
    'a PDF': [sessionPdf(whole)],
    'a PDF on an account': [widePdf(makeWide())],
    'a PDF without a statement': [sessionPdf(unsigned())],
    'a pack': [packOf(whole)],
    'a JSON and its statement': [whole.json, Buffer.from(whole.note as string)],
    'a JSON': [whole.json],
    'an event proof': [eventProof(SESSIONS.sealed, 4)],
    'a range proof': [rangeProof(SESSIONS.long, 3, 8)],
  };
}

function store(t: TestContext, files: readonly Uint8Array[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return files.map((bytes, i) => {
    const path = join(folder, `${i}`);
    writeFileSync(path, bytes);
    return path;
  });
}

function stored(t: TestContext, options: readonly (string | Uint8Array)[]): string[] {
  return options.flatMap((each) => (typeof each === 'string' ? each : store(t, [each])));
}
