import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { assessCoverage } from '../../../shared/policy/assess-coverage.ts';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { OriginalSearch } from '../../../shared/reports/leak-originals.ts';
import { leakFinderFor, scanReport } from '../../../shared/reports/leak-scan.ts';
import { buildReport } from '../../../shared/reports/report.ts';
import { FREE_TEXT } from '../../../shared/reports/report-fields.ts';
import { reportSchema } from '../../../shared/reports/report-schema.ts';
import { alignTranscripts } from '../../../shared/reports/transcripts.ts';
import { timesOf } from '../../support/entry-times.ts';
import { mustParse } from '../../support/policies.ts';
import {
  type FactsChange,
  factsOf,
  HASH_HEX,
  LOGGING_POLICY,
  listedEvent,
  payloadsOf,
} from '../../support/report-facts.ts';
import { leafSchemas, leavesOf, planted } from '../../support/report-leaves.ts';

function reportOf(change: FactsChange) {
  const facts = factsOf(change);
  const policy = mustParse(facts.policy.text);
  const transcripts = alignTranscripts(facts.payloads?.request, facts.payloads?.masked);
  const originals = new OriginalSearch(transcripts.originals);
  return buildReport(facts, { policy, coverage: assessCoverage(policy), transcripts, originals }).report;
}

function scan(report: ReturnType<typeof reportOf>, originals: readonly string[] = []) {
  return scanReport(report, leakFinderFor(report, new OriginalSearch(originals)));
}

/** A report that lists one entry of this kind. */
function withKind(entityKind: string, change: FactsChange = {}) {
  return reportOf({ ...change, verdict: { events: [listedEvent(0, { entityKind })] } });
}

/** The fields that hold the operator's own texts. */
const OPERATORS =
  /^(account,name|agent,name|issued_to,(?:id|name)|policy_snapshot|policy,name|policy,passthrough_kinds,\d+|session,upstream_model|safe_harbor_detail,unmapped_policy_kinds,\d+|audit_log,key_id|baa_chain,text)$/;

function isOperators(path: readonly unknown[]): boolean {
  return OPERATORS.test(path.join(','));
}

const FULL: FactsChange = {
  policyText: LOGGING_POLICY.replace('entities:', 'entities:\n  WIDGET: {action: redact}'),
  payloads: payloadsOf('Maria Alvarez', 'Zoë Łukasz'),
  baaChainText: 'Business associates: Acme Telephony, Example Hosting.',
  verdict: {
    anchors: [{ source: 'stored', size: 3, rootHex: HASH_HEX }],
    counts: {
      redactionCount: 3,
      redactionsByKind: [
        ['NAME', 1],
        ['WIDGET', 2],
      ],
      redactionsByPass: [['gemma', 3]],
      rehydrationFailureCount: 0,
      otherKinds: [['voice_changed', 1]],
    },
    events: [
      listedEvent(0),
      listedEvent(1, { kind: 'voice_changed', entityKind: 'WIDGET', pass: 'whisper' }),
    ],
  },
};

// Two reports, since samples are shown only where nothing is passed through and no policy was reloaded.
const REPORTS = [
  reportOf(FULL),
  reportOf({
    policyText: LOGGING_POLICY.replace('action: redact', 'action: passthrough'),
    verdict: { policyReloads: [1] },
  }),
];

const PHI = {
  SSN: '123-45-6789',
  'phone number': '+12125550147',
  'card number': '4111 1111 1111 1111',
  'e-mail address': 'ann@example.com',
  'original text of the session': 'Maria Alvarez',
};

test('finds nothing in honest reports', () => {
  for (const report of REPORTS) assert.deepEqual(scan(report, ['Maria Alvarez', 'Zoë Łukasz']), []);
});

for (const [shape, phi] of Object.entries(PHI)) {
  test(`lets no ${shape} stand at any place of a report`, () => {
    for (const report of REPORTS) {
      for (const path of leavesOf(report)) {
        if (isOperators(path)) continue;
        const hits = scan(planted(report, path, phi), ['Maria Alvarez']);
        assert.ok(
          hits.some((hit) => hit.shape === shape),
          `unseen at ${JSON.stringify(path)}`,
        );
        for (const hit of hits) assert.ok(!hit.field.includes(phi));
      }
    }
  });
}

test('lets no number, list or object stand where another type belongs', () => {
  for (const plant of [-1.5, ['x'], { x: 1 }, undefined]) {
    for (const path of leavesOf(REPORTS[0])) {
      assert.notDeepEqual(scan(planted(REPORTS[0]!, path, plant)), [], JSON.stringify(path));
    }
  }
});

test('searches a member that the schema does not know, and its name', () => {
  const [report] = REPORTS;
  const shapes = (extra: object) => scan({ ...report!, ...extra }).map(({ shape }) => shape);
  assert.deepEqual(shapes({ note: { deep: [PHI.SSN] } }), ['SSN']);
  assert.deepEqual(shapes({ [PHI.SSN]: 1 }), ['SSN']);
  assert.deepEqual(shapes({ note: new Map([[PHI.SSN, 1]]) }), ['SSN']);
});

test('refuses and searches what is not even a table, a list or an object where one belongs', () => {
  const [report] = REPORTS;
  const wrongType = 'value of another type than its field has';
  const shapes = (extra: object) => scan({ ...report!, ...extra }).map(({ shape }) => shape);
  assert.deepEqual(shapes({ redactions_by_kind: { [PHI.SSN]: 1 } }), [wrongType, 'SSN']);
  assert.deepEqual(shapes({ events_listed: { note: PHI.SSN } }), [wrongType, 'SSN']);
  assert.deepEqual(shapes({ account: [PHI.SSN] }), [wrongType, 'SSN']);
});

test("takes nothing in the operator's own texts for a leak", () => {
  for (const report of REPORTS) {
    for (const path of leavesOf(report).filter(isOperators)) {
      for (const phi of Object.values(PHI)) {
        assert.deepEqual(scan(planted(report, path, phi), ['Maria Alvarez']), [], JSON.stringify(path));
      }
    }
  }
});

test('takes a number or an address that the operator wrote for none of a caller', () => {
  const { agent } = factsOf();
  const kindsUnder = (name: string, kind: string) =>
    scan(withKind(kind, { agent: { ...agent, name } })).map(({ shape }) => shape);
  assert.deepEqual(kindsUnder('main line 415-555-2671', 'line 415-555-2671'), []);
  assert.deepEqual(kindsUnder('main line 415-555-2671', 'line 415-555-2672'), ['phone number']);
  assert.deepEqual(kindsUnder('main line 415-555-2671', 'line +1 (415) 555 2671'), []);
  assert.deepEqual(kindsUnder('desk@clinic.example', 'Desk@Clinic.example'), []);
  for (const address of ['ann.desk@clinic.example', 'esk@clinic.example', 'desk@clinic.example.org']) {
    assert.deepEqual(kindsUnder('desk@clinic.example', address), ['e-mail address']);
  }
});

test("finds a masked word beside the operator's own words, and not within them", () => {
  const account = { id: factsOf().account.id, name: "St. Mary's Clinic" };
  const hits = (kind: string) => scan(withKind(kind, { account }), ['Mary']).length;
  assert.equal(hits("at ST. MARY'S CLINIC"), 0);
  assert.equal(hits("Mary at St. Mary's Clinic"), 1);
});

test('leaves no field of the schema neither typed nor searched', () => {
  const leaves = [...leafSchemas(reportSchema)];
  assert.ok(leaves.length > 90);
  for (const leaf of leaves) {
    if (leaf instanceof z.ZodString && FREE_TEXT.has(leaf)) continue;
    for (const phi of [...Object.values(PHI), 'Maria']) assert.equal(z.safeParse(leaf, phi).success, false);
  }
});

test('names the place of a hit and never its value', () => {
  const report = reportOf({
    verdict: { events: [listedEvent(0), listedEvent(1, { entityKind: '123-45-6789' })] },
  });
  assert.deepEqual(scan(report), [{ field: 'events_listed[1].entity_kind', shape: 'SSN' }]);
});

test('does not name a key that a log gave', () => {
  const { counts } = factsOf().verdict;
  const report = reportOf({ verdict: { counts: { ...counts, redactionsByKind: [['123-45-6789', 1]] } } });
  assert.equal(scan(report)[0]?.field, 'redactions_by_kind.(a key)');
});

test('sees through the escapes and folds of a text', () => {
  for (const kind of [
    '"\\x31\\u00323\\u002d45-6789"',
    '"123-45\\\n    -6789"',
    '{"note":"{\\"note\\":\\"123\\\\u002d45-6789\\"}"}',
    'call Maria\n  Alvarez',
    'Maria&#32;Alvarez',
    'Maria&Tab;Alvarez',
    'Maria&NewLine;&nbsp;Alvarez',
    'Maria%20Alvarez',
  ]) {
    const hits = scan(withKind(kind), ['Maria Alvarez']);
    assert.deepEqual(
      hits.map(({ field }) => field),
      ['events_listed[0].entity_kind'],
      kind,
    );
  }
});

test('finds an original in another Unicode form', () => {
  const report = withKind('desk of Zoe\u0308\u00a0\u200bŁukasz');
  assert.deepEqual(scan(report, ['Zoë Łukasz']), [
    { field: 'events_listed[0].entity_kind', shape: 'original text of the session' },
  ]);
});

test('finds an original whose signs are written as HTML entities', () => {
  const name = 'desk of Zo&euml;&lowbar;&Lstrok;ukasz&colon; &num;4';
  const report = withKind(name);
  assert.deepEqual(scan(report, ['Zoë_Łukasz: #4']), [
    { field: 'events_listed[0].entity_kind', shape: 'original text of the session' },
  ]);
});

test('finds an original that stood in escapes in its payload', () => {
  const payloads = {
    request: { arguments: '{"name":"Zo\\u00eb \\"Z\\" \\u0141ukasz"}' },
    masked: { arguments: '{"name":"[NAME_1]"}' },
    response: null,
  };
  const { originals } = alignTranscripts(payloads.request, payloads.masked);
  const report = withKind('desk of Zoë "Z" Łukasz');
  assert.deepEqual(scan(report, originals), [
    { field: 'events_listed[0].entity_kind', shape: 'original text of the session' },
  ]);
});

test('takes no single word of an original and no original below four characters for a leak', () => {
  const report = withKind('Maria Bot 王 はな 이');
  assert.deepEqual(scan(report, ['Maria Alvarez', 'Bot', '  Bot  ', '王', 'はな', '이', '王x']), []);
});

test('finds a name of two Chinese characters, two Korean syllables or three Japanese ones', () => {
  for (const [name, text] of [
    ['王芳', '王芳来电'],
    ['田中', '田中様'],
    ['허준', '허준 씨'],
    ['サトミ', 'サトミさん'],
    ['𠮷田', '𠮷 田'],
  ] as const) {
    assert.equal(scan(withKind(text), [name]).length, 1, name);
  }
});

test('finds a name behind an underscore of a kind, and no word of a known kind in one', () => {
  assert.equal(scan(withKind('NAME_smith'), ['Smith']).length, 1);
  assert.equal(scan(withKind('acct_58300417_x'), ['58300417']).length, 1);
  assert.deepEqual(scan(withKind('PLAN_MEMBER_ID'), ['Member', 'plan']), []);
});

const ulid = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const name = fc
  .array(
    fc.constantFrom('front', 'desk', 'bot', 'Köln', '日本', 'prod', 'v2', 'gpt-4o-mini', '2026-05-03', '№7'),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((words) => words.join(' '));
const kindName = fc.constantFrom(
  'NAME',
  'SSN',
  '__proto__',
  'constructor',
  '10',
  'a.b',
  '$gt',
  'MRN',
  'member_id',
);
const amount = fc.nat({ max: 2_000_000_000 });
const when = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });

const honestFacts = fc
  .record({
    ulid,
    root: hex,
    head: hex,
    agentName: name,
    model: name,
    size: amount,
    kinds: fc.uniqueArray(kindName),
    at: when,
    duration: amount,
    original: fc.stringMatching(/^[A-Z][a-z]{3,9} [A-Z][a-z]{3,9}$/),
  })
  .map(({ ulid, root, head, agentName, model, size, kinds, at, duration, original }) => {
    const counts = kinds.sort().map((kind, index) => [kind, size + index] as const);
    return factsOf({
      id: `rep_${ulid}`,
      generatedAt: at,
      agent: { id: `agt_${ulid}`, name: agentName },
      payloads: payloadsOf(original),
      policyText: LOGGING_POLICY,
      session: {
        startedAt: at,
        endedAt: new Date(at.getTime() + duration),
        upstreamModel: model,
      },
      verdict: {
        size,
        anchors: [{ source: 'stored', size, rootHex: root }],
        rootHex: root,
        headHashHex: head,
        times: timesOf([at.toISOString()]),
        counts: {
          redactionCount: size,
          redactionsByKind: counts,
          redactionsByPass: [['gemma', size]],
          rehydrationFailureCount: 0,
          otherKinds: counts,
        },
        events: kinds.map((entityKind, seq) => ({ ...listedEvent(seq, { entityKind }), id: `evt_${ulid}` })),
      },
    });
  });

test('refuses none of thousands of honest reports', () => {
  fc.assert(
    fc.property(honestFacts, (facts) => {
      const composed = composeReport(facts);
      assert.equal(composed.ok ? '' : composed.problem, '');
    }),
    { numRuns: 3000 },
  );
});
