import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicy } from '../../../shared/policy/parse-policy.ts';
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

const REFUSED: ReadonlyArray<readonly [string, string, RegExp]> = [
  [
    'a truth value in the words of YAML 1.1',
    policy('entities: {SSN: {enabled: no, action: redact}}'),
    /^entities\.SSN\.enabled: /,
  ],
  ['a missing action', policy('entities: {SSN: {}}'), /^entities\.SSN\.action: is required/],
  ['an unknown action', policy('entities: {SSN: {action: mask}}'), /^entities\.SSN\.action: /],
  [
    'a threshold above 1',
    policy('entities: {SSN: {action: redact, confidence_threshold: 1.01}}'),
    /^entities\.SSN\.confidence_threshold: /,
  ],
  [
    'a threshold that is not a number',
    policy('entities: {SSN: {action: redact, confidence_threshold: .nan}}'),
    /^entities\.SSN\.confidence_threshold: /,
  ],
  ['an entity that is no mapping', policy('entities: {SSN: }'), /^entities\.SSN: must be a mapping/],
  ['entities as a list', policy('entities: [SSN]'), /^entities: must be a mapping/],
  ['a version of 0', 'name: p\nversion: 0\npasses: []\nentities: {}', /^version: /],
  ['a version with a fraction', 'name: p\nversion: 1.5\npasses: []\nentities: {}', /^version: /],
  ['a name that is a number', 'name: 12\nversion: 1\npasses: []\nentities: {}', /^name: /],
  ['passes that are missing', 'name: p\nversion: 1\nentities: {}', /^passes: /],
  ['a retention of no days', policy('entities: {}\naudit: {retention_days: 0}'), /^audit\.retention_days: /],
  ['log_payloads in words', policy('entities: {}\naudit: {log_payloads: "true"}'), /^audit\.log_payloads: /],
  ['an alias', policy('entities: {NAME: &a {action: redact}, SSN: *a}'), /alias/],
  ['a merge key', policy('entities: {NAME: {action: redact, <<: {enabled: false}}}'), /merge key/],
  ['a quoted merge key deep inside', policy('entities: {}\nextra: [{"<<": 1}]'), /merge key/],
  ['two documents', `${policy('entities: {}')}\n---\na: 1`, /single valid YAML document/],
  [
    'a duplicate key',
    policy('entities: {SSN: {action: redact}, SSN: {action: redact}}'),
    /single valid YAML.*line 4/,
  ],
  ['an empty text', '', /single valid YAML/],
  ['a list', '- a', /must be a YAML mapping/],
  ['a lone surrogate made by an escape', policy('entities: {"\\ud800": {action: redact}}'), /well-formed/],
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

test('takes exactly 256 KiB', () => {
  const head = policy('entities: {}\nnote: ');
  mustParse(head + 'x'.repeat(256 * 1024 - head.length));
});

test('names every problem at once', () => {
  const found = problems(
    'name: p\nversion: x\npasses: [1]\nentities: {SSN: {}, DOB: {action: redact, ner: 1}}',
  );
  assert.deepEqual(
    found.map((problem) => problem.split(':')[0]),
    ['version', 'passes.0', 'entities.SSN.action', 'entities.DOB.ner'],
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
