import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../shared/process/config.ts';
import { problemsOf, temporaryFile } from '../../support/config-problems.ts';
import { pemOf } from '../../support/signers.ts';

const KEY = 'ab'.repeat(32);
const OTHER_KEY = 'cd'.repeat(32);
const SIGNING = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: 'evidence.example.org' };

test('an empty environment gives the defaults', () => {
  const config = parseConfig({});
  assert.equal(config.port, 8080);
  assert.equal(config.host, '127.0.0.1');
  assert.deepEqual([config.metricsPort, config.workersPort, config.drainMs], [null, null, 5_000]);
  assert.equal(config.mongodbUri, undefined);
  assert.equal(config.mongodbDb, 'masker');
  assert.equal(config.dataDir, resolve('.data'));
  assert.equal(config.redisUrl, undefined);
  assert.equal(config.rateLimit, null);
  assert.deepEqual(config.auditKeys, []);
  assert.equal(config.signing, null);
  assert.deepEqual(config.witnesses, []);
  assert.equal(config.reportTimeoutMs, 30_000);
  assert.equal(config.verifyEveryMs, 30 * 86_400_000);
  assert.equal(config.chromePath, undefined);
  assert.equal(config.baaChainText, null);
  assert.equal(config.demo, true);
  assert.equal(config.production, false);
});

test('VERIFY_EVERY takes hours, days or off', () => {
  assert.equal(parseConfig({ VERIFY_EVERY: '12h' }).verifyEveryMs, 43_200_000);
  assert.equal(parseConfig({ VERIFY_EVERY: 'off' }).verifyEveryMs, null);
  for (const text of ['0d', '30', '367d', '9999d', '1.5h', '-1d', 'never']) {
    assert.match(problemsOf({ VERIFY_EVERY: text }).join(), /^VERIFY_EVERY must be/, text);
  }
});

test('an empty variable counts as unset', () => {
  assert.deepEqual(parseConfig({ PORT: '', AUDIT_KEYS: '', DATA_DIR: '' }), parseConfig({}));
});

test('the configuration cannot be changed', () => {
  const config = parseConfig({ AUDIT_KEYS: `k1:${KEY}` });
  assert.ok(Object.isFrozen(config));
  assert.ok(Object.isFrozen(config.auditKeys));
});

test('audit keys keep their order, and the first one comes first', () => {
  const { auditKeys } = parseConfig({ AUDIT_KEYS: `k2:${KEY}, k1:${OTHER_KEY}` });
  assert.deepEqual(
    auditKeys.map(({ id, bytes }) => [id, Buffer.from(bytes).toString('hex')]),
    [
      ['k2', KEY],
      ['k1', OTHER_KEY],
    ],
  );
});

test('every problem is reported at once, by the name of its variable', () => {
  const faulty = {
    PORT: '65536',
    MONGODB_URI: 'postgres://db',
    MONGODB_DB: 'a b',
    REDIS_URL: 'http://cache',
    RATE_LIMIT: '60:30',
    AUDIT_KEYS: 'k1',
    CURSOR_KEY: 'short',
    REPORT_THREADS: '0',
    METRICS_PORT: '-1',
    WORKERS_PORT: '65536',
    DRAIN_MS: '5s',
    REPORT_QUEUE_LIMIT: '1.5',
    REPORT_TIMEOUT_MS: 'soon',
    DEMO: 'yes',
    LOG_LEVEL: 'loud',
    PUBLIC_URL: 'evidence.example',
    SIGNING_KEY: 'short',
    LOG_ORIGIN: 'https://evidence.example',
    PREVIOUS_SIGNING_KEY: 'short',
    RETIRED_KEYS: 'short',
    WITNESSES_FILE: '/absent',
  };
  const problems = problemsOf(faulty);
  assert.equal(problems.length, Object.keys(faulty).length);
  for (const name of Object.keys(faulty)) {
    assert.ok(
      problems.some((problem) => problem.startsWith(name)),
      name,
    );
  }
});

test('no problem shows a value', () => {
  const secret = 'hunter2-and-more';
  const names = [
    ...['PORT', 'MONGODB_URI', 'REDIS_URL', 'AUDIT_KEYS', 'CURSOR_KEY', 'REPORT_THREADS'],
    ...['RATE_LIMIT', 'DEMO', 'LOG_LEVEL', 'PUBLIC_URL', 'SIGNING_KEY', 'PREVIOUS_SIGNING_KEY'],
    ...['RETIRED_KEYS', 'WITNESSES_FILE'],
  ];
  const problems = problemsOf(Object.fromEntries(names.map((name) => [name, secret])));
  assert.equal(problems.length, names.length + 1);
  assert.ok(!problems.join('\n').includes(secret));
});

test('one key id with two values is refused, and neither value is shown', () => {
  const [problem] = problemsOf({ AUDIT_KEYS: `k1:${KEY},k1:${OTHER_KEY}` });
  assert.match(problem ?? '', /one key id two values/);
  assert.ok(!problem?.includes(KEY) && !problem?.includes(OTHER_KEY));
});

test('one key id given twice with the same value counts once', () => {
  assert.equal(parseConfig({ AUDIT_KEYS: `k1:${KEY},k1:${KEY}` }).auditKeys.length, 1);
});

test('a secret is read from the file that its _FILE variable names', (t) => {
  const { auditKeys } = parseConfig({ AUDIT_KEYS_FILE: temporaryFile(t, `k1:${KEY}\n`) });
  assert.equal(auditKeys[0]?.id, 'k1');
});

test('a secret given both ways is refused', (t) => {
  const file = temporaryFile(t, KEY);
  assert.deepEqual(problemsOf({ CURSOR_KEY: KEY, CURSOR_KEY_FILE: file }), [
    'CURSOR_KEY and CURSOR_KEY_FILE are both set: keep one',
  ]);
});

test('a secret file that cannot be read, or is empty, is named by its variable', (t) => {
  const empty = temporaryFile(t, '\n');
  const problems = problemsOf({ AUDIT_KEYS_FILE: join(dirname(empty), 'absent'), CURSOR_KEY_FILE: empty });
  assert.ok(problems.includes('AUDIT_KEYS_FILE names a file that cannot be read: nothing is there (ENOENT)'));
  assert.ok(problems.includes('CURSOR_KEY_FILE names an empty file'));
});

test('production demands the keys and the origin of the logs, and says how to give them', () => {
  const problems = problemsOf({ NODE_ENV: 'production' });
  const demanded = ['SIGNING_KEY', 'LOG_ORIGIN', 'AUDIT_KEYS', 'CURSOR_KEY'];
  assert.deepEqual(
    problems.map((problem) => /^(\w+) is required in production: set it/.exec(problem)?.[1]),
    demanded,
  );
});

test('metrics and workers have other ports than the API', () => {
  for (const name of ['METRICS_PORT', 'WORKERS_PORT']) {
    assert.deepEqual(problemsOf({ [name]: '8080' }), [`${name} must be another port than PORT, or unset`]);
    assert.deepEqual(problemsOf({ PORT: '0', [name]: '0' }), []);
  }
});

test('a NODE_ENV that is no word for production, development or test is refused', () => {
  for (const word of ['Production', 'prod', 'staging', 'production ']) {
    assert.match(problemsOf({ NODE_ENV: word }).join(), /^NODE_ENV must be production, development or test/);
  }
  for (const word of ['', 'development', 'test'])
    assert.equal(parseConfig({ NODE_ENV: word }).production, false);
});

test('production has no demo data unless DEMO asks for it', () => {
  const production = { NODE_ENV: 'production', AUDIT_KEYS: `k1:${KEY}`, CURSOR_KEY: OTHER_KEY, ...SIGNING };
  assert.equal(parseConfig(production).demo, false);
  assert.equal(parseConfig({ ...production, DEMO: '1' }).demo, true);
  assert.equal(parseConfig({ DEMO: '0' }).demo, false);
});

test('the BAA chain is the text of the file that BAA_CHAIN_FILE names, as it stands', (t) => {
  const text = '# Associates\r\n- Acme Telephony → Beispiel Hosting\n\n';
  assert.equal(parseConfig({ BAA_CHAIN_FILE: temporaryFile(t, text) }).baaChainText, text);
  assert.equal(parseConfig({ BAA_CHAIN_FILE: temporaryFile(t, `\ufeff${text}`) }).baaChainText, text);
});

test('a BAA chain may have 64 KiB of UTF-8 and no byte more', (t) => {
  const whole = 'é'.repeat(32 * 1024);
  assert.equal(parseConfig({ BAA_CHAIN_FILE: temporaryFile(t, whole) }).baaChainText, whole);
  assert.match(problemsOf({ BAA_CHAIN_FILE: temporaryFile(t, `${whole}.`) }).join(), /larger than 64 KiB/);
});

test('a BAA chain that no report could show is refused by the name of its variable', (t) => {
  const folder = dirname(temporaryFile(t, 'x'));
  const refused: ReadonlyArray<readonly [string, RegExp]> = [
    [join(folder, 'absent'), /cannot be read/],
    [folder, /cannot be read/],
    [temporaryFile(t, ' \n'), /is empty/],
    [temporaryFile(t, new Uint8Array([0x41, 0xff])), /not UTF-8/],
    [temporaryFile(t, 'Acme: privacy@acme.example'), /like PHI \(e-mail address\)/],
  ];
  for (const [file, expected] of refused) {
    const [problem, ...others] = problemsOf({ BAA_CHAIN_FILE: file });
    assert.match(problem ?? '', /^BAA_CHAIN_FILE names a file/);
    assert.match(problem ?? '', expected);
    assert.ok(!problem?.includes('acme'));
    assert.deepEqual(others, []);
  }
});

test('a MONGODB_URI that the driver cannot read is refused, and nothing of it is shown', () => {
  for (const rest of [
    'Pw4477:27017x',
    'Pw4477@',
    'Pw4477@host:99999',
    'Pw%zz4477@host',
    'x@host/?Pw4477=1',
  ]) {
    assert.throws(
      () => parseConfig({ MONGODB_URI: `mongodb://user:${rest}` }),
      ({ message }: Error) => /MONGODB_URI/.test(message) && !/4477/.test(message),
      rest,
    );
  }
});

test('a MONGODB_URI that weakens evidence is refused by the name of the option', () => {
  const refused = {
    'w=0': /w=0/,
    'W=0': /w=0/,
    'w=%30': /w=0/,
    'w=0.0': /w=0/,
    'retryWrites=true&w=0': /w=0/,
    'journal=false': /journal=false/,
    'j=false': /j=false/,
    'fsync=false': /fsync=false/,
    'readPreference=secondary': /readPreference=secondary/,
    'readPreference=secondaryPreferred': /readPreference=secondaryPreferred/,
    'readPreference=nearest': /readPreference=nearest/,
    'READPREFERENCE=primaryPreferred': /readPreference=primaryPreferred/,
  };
  for (const [option, named] of Object.entries(refused)) {
    for (const uri of [`mongodb://h/?${option}`, `mongodb+srv://h.example.org/db?${option}`]) {
      const [problem, ...others] = problemsOf({ MONGODB_URI: uri });
      assert.match(problem ?? '', named, uri);
      assert.match(problem ?? '', /^MONGODB_URI must not have .*Remove it/);
      assert.deepEqual(others, []);
    }
  }
  for (const option of ['w=majority', 'w=1', 'journal=true', 'readPreference=primary', 'wtimeoutMS=5']) {
    const uri = `mongodb://h/?${option}`;
    assert.equal(parseConfig({ MONGODB_URI: uri }).mongodbUri, uri);
  }
});

test('REDIS_URL names a Redis, given or by a file', (t) => {
  for (const url of ['redis://cache', 'rediss://user:p%40ss@cache.example:6380/2', 'redis://[::1]:6379']) {
    assert.equal(parseConfig({ REDIS_URL: url }).redisUrl, url);
    assert.equal(parseConfig({ REDIS_URL_FILE: temporaryFile(t, `${url}\n`) }).redisUrl, url);
  }
});

test('a REDIS_URL that could not be used is refused, and nothing of it is shown', () => {
  for (const url of [
    ...['cache:6379', 'http://:Pw4477@cache', '/run/Pw4477.sock', 'redis://', 'redis:///Pw4477'],
    ...['redis://:Pw4477@cache:99999', 'redis://:Pw%zz4477@cache', 'redis://:Pw4477@cache/jobs'],
    ...['redis://:Pw4477@cache?enableOfflineQueue=true', 'redis://:Pw4477@cache#1', 'REDIS://Pw4477'],
  ]) {
    const problems = problemsOf({ REDIS_URL: url });
    assert.equal(problems.length, 1, url);
    assert.match(problems[0] ?? '', /^REDIS_URL must be redis:\/\/ or rediss:\/\//);
    assert.ok(!problems[0]?.includes('4477'));
  }
});

test('RATE_LIMIT is requests a second, and a burst', () => {
  assert.deepEqual(parseConfig({ RATE_LIMIT: '30:60' }).rateLimit, { perSecond: 30, burst: 60 });
  assert.deepEqual(parseConfig({ RATE_LIMIT: '5:5' }).rateLimit, { perSecond: 5, burst: 5 });
});

test('a RATE_LIMIT that is not a rate and a burst of at least as much is refused', () => {
  for (const limit of [
    '30',
    '30:',
    ':60',
    '0:60',
    '30:29',
    '1.5:3',
    '-1:5',
    '30:60:90',
    '1:1000000',
    '30 :60',
  ]) {
    assert.match(
      problemsOf({ RATE_LIMIT: limit }).join(),
      /^RATE_LIMIT must be rate:burst.*such as 30:60$/,
      limit,
    );
  }
});

test('the database is that of MONGODB_DB, else the one in the path of MONGODB_URI', () => {
  const dbOf = (env: Record<string, string>) => parseConfig(env).mongodbDb;
  const MONGODB_URI = 'mongodb://u:p%2Fw@a.example:1,b.example/clinic?replicaSet=rs0';
  assert.equal(dbOf({ MONGODB_URI }), 'clinic');
  assert.equal(dbOf({ MONGODB_URI, MONGODB_DB: 'other' }), 'other');
  for (const uri of [
    'mongodb://a.example',
    'mongodb://a.example/',
    'mongodb://u:p@a.example/admin',
    'mongodb://a.example/?tls=true',
    'mongodb://a.example?tls=true',
  ]) {
    assert.equal(dbOf({ MONGODB_URI: uri }), 'masker', uri);
  }
  assert.match(problemsOf({ MONGODB_URI: 'mongodb://a.example/two%20words' }).join(), /path of MONGODB_URI/);
});
