import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLICY_PROBLEMS_LIMIT, parsePolicy } from '../../../shared/policy/parse-policy.ts';
import { mustParse, policyFile } from '../../support/policies.ts';

const HEAD = 'name: p\nversion: 1\npasses: [regex, gemma]\n';
const policy = (rest: string) => `${HEAD}${rest}`;

function problems(text: string): string[] {
  const result = parsePolicy(text);
  assert.equal(result.ok, false);
  return result.ok ? [] : result.problems;
}

test('reads the policies of the clinic week', () => {
  const healthcare = mustParse(policyFile('healthcare-default@1'));
  assert.equal(healthcare.name, 'healthcare-default');
  assert.deepEqual(healthcare.audit, { logEvents: true, logPayloads: false, retentionDays: 2555 });
  assert.equal(healthcare.entities.get('NAME')?.confidenceThreshold, 0.85);
  assert.equal(mustParse(policyFile('billing-strict@3')).entities.get('NAME')?.action, 'passthrough');
});

test('fills the documented defaults', () => {
  const { entities, audit } = mustParse(policy('entities: {NAME: {action: tokenize}}'));
  assert.deepEqual(entities.get('NAME'), {
    enabled: true,
    action: 'tokenize',
    regex: true,
    ner: true,
    confidenceThreshold: 0.6,
  });
  assert.deepEqual(audit, { logEvents: true, logPayloads: false, retentionDays: null });
});

test('keeps kinds that are named like prototype members', () => {
  const { entities, audit } = mustParse(
    policy(
      'entities: {__proto__: {action: redact}, constructor: {action: tokenize, __proto__: {enabled: false}}}\n' +
        '__proto__: {audit: {log_payloads: true}}',
    ),
  );
  assert.deepEqual([...entities.keys()], ['__proto__', 'constructor']);
  assert.equal(entities.get('constructor')?.enabled, true);
  assert.equal(audit.logPayloads, false);
});

test('tolerates members and passes that it does not know', () => {
  const read = mustParse(
    'name: p\nversion: 1\npasses: [regex, whisper]\nentities: {}\nkid: K\ntuning: {a: [1]}',
  );
  assert.deepEqual(read.passes, ['regex', 'whisper']);
});

const READ: ReadonlyArray<readonly [string, string]> = [
  ['CRLF line ends', policy('entities:\n  SSN: {action: redact}\n').replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${policy('entities: {SSN: {action: redact}}')}`],
  ['comments', `# head\n${policy('entities: # all\n  SSN: {action: redact} # one\n# end')}`],
  ['one marked document', `---\n${policy('entities: {SSN: {action: redact}}')}\n...\n`],
  ['an anchor that nothing uses', policy('entities: &all {SSN: &one {action: redact}}')],
  ['flow style over lines', policy('entities: {\n  SSN:\n    {action:\n redact},\n }')],
  ['an explicit key', policy('entities:\n  ? SSN\n  : action: redact')],
  ['a core tag', policy('entities: !!map {SSN: {action: !!str redact, enabled: !!bool "true"}}')],
];

for (const [what, text] of READ) {
  test(`reads a policy with ${what}`, () => {
    const { entities } = mustParse(text);
    assert.deepEqual([...entities.keys()], ['SSN']);
    assert.deepEqual([entities.get('SSN')?.action, entities.get('SSN')?.enabled], ['redact', true]);
  });
}

test('reads numbers as YAML 1.2 does', () => {
  const version = (written: string) =>
    mustParse(`name: p\nversion: ${written}\npasses: []\nentities: {}`).version;
  assert.deepEqual(['010', '0o10', '0x10', '1.0'].map(version), [10, 8, 16, 1]);
});

test('keeps keys that YAML reads as numbers, booleans or null as texts', () => {
  const { entities } = mustParse(
    policy('entities: {10: {action: redact}, true: {action: redact}, ~: {action: redact}}'),
  );
  assert.deepEqual([...entities.keys()].sort(), ['10', 'null', 'true']);
});

const REFUSED: ReadonlyArray<readonly [string, string, RegExp]> = [
  [
    'a truth value in the words of YAML 1.1',
    policy('entities: {SSN: {enabled: no, action: redact}}'),
    /^entities\.SSN\.enabled \(line \d+, column \d+\): /,
  ],
  [
    'a truth value in quotes',
    policy('entities: {SSN: {enabled: "false", action: redact}}'),
    /^entities\.SSN\.enabled \(line \d+, column \d+\): /,
  ],
  [
    'a truth value left out',
    policy('entities: {SSN: {enabled: , action: redact}}'),
    /\.enabled \(line 4, column 18\): must be true/,
  ],
  [
    'a truth value behind an old YAML directive',
    `%YAML 1.1\n---\n${policy('entities: {SSN: {enabled: no, action: redact}}')}`,
    /^entities\.SSN\.enabled \(line \d+, column \d+\): /,
  ],
  ['entities left out', policy('entities:'), /^entities \(line \d+, column \d+\): must be a mapping/],
  [
    'an entity that is a list',
    policy('entities: {SSN: [{action: redact}]}'),
    /^entities\.SSN \(line \d+, column \d+\): must be a mapping/,
  ],
  [
    'passes as one text',
    'name: p\nversion: 1\npasses: regex\nentities: {}',
    /^passes \(line \d+, column \d+\): must be a list/,
  ],
  ['a list as a key', policy('entities:\n  ? [a]\n  : {action: redact}'), /single valid YAML/],
  ['a tab as indentation', policy('entities:\n\tSSN: {action: redact}'), /single valid YAML.*line 5/],
  ['a tag of its own', policy('entities: !mine {}'), /single valid YAML/],
  ['an alias as a key', policy('x: &a k\nentities: {}\n*a : 1'), /alias \(line 6, column 1\)/],
  ['an empty second document', policy('entities: {}\n---\n'), /single valid YAML.*line 5, column 1\)/],
  [
    'a key twice, once in escapes',
    policy('entities: {SSN: {action: redact}, "\\x53SN": {action: redact}}'),
    /line 4/,
  ],
  [
    'a key twice, once as a number',
    policy('entities: {1: {action: redact}, "1": {action: redact}}'),
    /line 4/,
  ],
  ['very deep nesting', policy(`entities: {}\nx: ${'['.repeat(100_000)}`), /single valid YAML/],
  ['a very deep list', policy(`entities: {}\nx:\n  ${'- '.repeat(100_000)}1`), /single valid YAML/],
  [
    'a missing action',
    policy('entities: {SSN: {}}'),
    /^entities\.SSN\.action \(line \d+, column \d+\): is required/,
  ],
  [
    'an unknown action',
    policy('entities: {SSN: {action: mask}}'),
    /^entities\.SSN\.action \(line \d+, column \d+\): /,
  ],
  [
    'a threshold above 1',
    policy('entities: {SSN: {action: redact, confidence_threshold: 1.01}}'),
    /^entities\.SSN\.confidence_threshold \(line \d+, column \d+\): /,
  ],
  [
    'a threshold that is not a number',
    policy('entities: {SSN: {action: redact, confidence_threshold: .nan}}'),
    /^entities\.SSN\.confidence_threshold \(line \d+, column \d+\): /,
  ],
  [
    'an entity that is no mapping',
    policy('entities: {SSN: }'),
    /^entities\.SSN \(line \d+, column \d+\): must be a mapping/,
  ],
  ['entities as a list', policy('entities: [SSN]'), /^entities \(line \d+, column \d+\): must be a mapping/],
  ['a version of 0', 'name: p\nversion: 0\npasses: []\nentities: {}', /^version \(line \d+, column \d+\): /],
  [
    'a version with a fraction',
    'name: p\nversion: 1.5\npasses: []\nentities: {}',
    /^version \(line \d+, column \d+\): /,
  ],
  [
    'a name that is a number',
    'name: 12\nversion: 1\npasses: []\nentities: {}',
    /^name \(line \d+, column \d+\): /,
  ],
  ['passes that are missing', 'name: p\nversion: 1\nentities: {}', /^passes \(line \d+, column \d+\): /],
  [
    'a retention of no days',
    policy('entities: {}\naudit: {retention_days: 0}'),
    /^audit\.retention_days \(line \d+, column \d+\): /,
  ],
  [
    'log_payloads in words',
    policy('entities: {}\naudit: {log_payloads: "true"}'),
    /^audit\.log_payloads \(line \d+, column \d+\): /,
  ],
  ['an alias', policy('entities: {NAME: &a {action: redact}, SSN: *a}'), /alias \(line 4, column 44\)/],
  [
    'a merge key',
    policy('entities: {NAME: {action: redact, <<: {enabled: false}}}'),
    /merge key << \(line 4, column 35\)/,
  ],
  [
    'a quoted merge key deep inside',
    policy('entities: {}\nextra: [{"<<": 1}]'),
    /merge key << \(line 5, column 11\)/,
  ],
  [
    'two documents',
    `${policy('entities: {}')}\n---\na: 1`,
    /single valid YAML document \(line 5, column 1\): another/,
  ],
  [
    'a second document without a mark',
    `--- # ---\n${policy('entities: {}')}\n...\n# c\nb: 1`,
    /valid YAML document \(line 8, column 1\): another/,
  ],
  [
    'a duplicate key',
    policy('entities: {SSN: {action: redact}, SSN: {action: redact}}'),
    /single valid YAML.*line 4/,
  ],
  ['an empty text', '', /single valid YAML document \(line 1, column 1\)/],
  ['a null', '# none\n~', /\(line 2, column 1\): must be a YAML mapping/],
  ['a list', '- a', /^The policy \(line 1, column 1\): must be a YAML mapping/],
  [
    'an empty item of a list',
    'name: p\nversion: 1\nentities: {}\npasses:\n  -\nx: 1',
    /^passes\.0 \(line 4, column 1\)/,
  ],
  ['a lone surrogate', policy('entities: {\ud800: {}}'), /well-formed Unicode \(line 4, column 12\)/],
  [
    'a lone surrogate made by an escape',
    policy('entities: {"\\ud800": {action: redact}}'),
    /well-formed Unicode \(line 4, column 1\)/,
  ],
  [
    'more than 256 KiB of bytes',
    policy(`entities: {}\nnote: "${'ü'.repeat(131_050)}"`),
    /larger than 256 KiB/,
  ],
];

for (const [damage, text, expected] of REFUSED) {
  test(`refuses ${damage}`, () => {
    assert.match(problems(text).join('\n'), expected);
  });
}

test('accepts a policy of exactly 256 KiB', () => {
  const head = policy('entities: {}\nnote: ');
  mustParse(head + 'x'.repeat(256 * 1024 - head.length));
});

test('names the first problems of a policy that has thousands, and counts the others', () => {
  const entities = Array.from({ length: 5_000 }, (_, i) => `  A${i}: {}\n`).join('');
  const found = problems(`name: p\nversion: 1\npasses: [regex]\nentities:\n${entities}`);
  assert.equal(found.length, POLICY_PROBLEMS_LIMIT + 1);
  assert.match(found[0] ?? '', /^entities\.\(entry 1\)\.action \(line 5, column 3\): is required/);
  assert.equal(found.at(-1), `${5_000 - POLICY_PROBLEMS_LIMIT} more problems`);
});

test('names every problem of a policy at once', () => {
  const found = problems(
    'name: p\nversion: x\npasses: [1]\nentities: {SSN: {}, DOB: {action: redact, ner: 1}}',
  );
  assert.deepEqual(
    found.map((problem) => problem.split(':')[0]),
    [
      'version (line 2, column 1)',
      'passes.0 (line 3, column 10)',
      'entities.SSN.action (line 4, column 12)',
      'entities.DOB.ner (line 4, column 43)',
    ],
  );
});

test('never repeats a value or a key that is not in the catalogue', () => {
  const secret = 'Maria 123-45-6789';
  const texts = [
    policy(`entities: {"${secret}": {action: "${secret}", enabled: "${secret}"}}`),
    `name: ["${secret}"]\nversion: "${secret}"\npasses: "${secret}"\nentities: "${secret}"\naudit: "${secret}"`,
    policy(`entities: {}\n"${secret}": 1\n"${secret}": 2`),
    `a: "${secret}`,
  ];
  for (const text of texts) assert.doesNotMatch(problems(text).join('\n'), /Maria|6789/);
});
