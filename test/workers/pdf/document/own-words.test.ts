// The own words of a document, which its leak scan forgives: no free text of the report may be among them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readReport } from '../../../../shared/reports/read-report.ts';
import { serializeReport } from '../../../../shared/reports/report.ts';
import { type Report, reportSchema } from '../../../../shared/reports/report-schema.ts';
import { composeDocument } from '../../../../workers/pdf/document/compose-document.ts';
import { policyFile } from '../../../support/policies.ts';
import { REPORT_KINDS, reportJsonOf } from '../../../support/report-documents.ts';
import { type FactsChange, factsOf, HASH_HEX, listedEvent } from '../../../support/report-facts.ts';
import { freeTextPaths, withFreeText } from '../../../support/report-leaves.ts';

const { counts } = factsOf().verdict;
const failure = listedEvent(1, { kind: 'rehydration_failed', pass: null, entityKind: 'SHOE_SIZE' });

/** Reports that together print every section in every way. */
const KINDS: Readonly<Record<string, FactsChange>> = {
  ...REPORT_KINDS,
  'with names of every kind': {
    policyText: policyFile('billing-strict@3').replace(
      'entities:',
      'entities:\n  WIDGET: {action: redact, enable: true}',
    ),
    verdict: {
      state: 'unsealed',
      anchors: [{ source: 'reported', size: 2, rootHex: HASH_HEX }],
      counts: {
        ...counts,
        redactionsByKind: Array.from({ length: 150 }, (_, i) => [`KIND_${1000 + i}`, 150 - i]),
        rehydrationFailureCount: 1,
        otherKinds: Array.from({ length: 150 }, (_, i) => [`other_${1000 + i}`, 1]),
      },
      events: [listedEvent(0, { entityKind: 'SHOE_SIZE' }), failure],
      rehydrationFailures: [failure],
    },
  },
};

const PATHS = [...freeTextPaths(reportSchema)];

/** The report with a word of its own in place of every free text, on two lines and with markup around it. */
function withSentinels(report: Report): Report {
  let count = 0;
  const textAt = (path: string) => {
    count += 1;
    return `<b>\nSentinel${PATHS.indexOf(path)}x${count}</b>`;
  };
  return withFreeText(reportSchema, report, textAt) as Report;
}

function draftOf(report: Report) {
  return composeDocument(report, Buffer.from(serializeReport(report)));
}

const drafts = Object.entries(KINDS).map(([kind, change]) => {
  const report = readReport(reportJsonOf(change));
  return { kind, filled: draftOf(withSentinels(report)) };
});

test('every free text of the schema stands in the pages of one of these reports', () => {
  assert.ok(PATHS.length >= 20, PATHS.join());
  const unseen = PATHS.filter((_, index) =>
    drafts.every(({ filled }) => !filled.html.includes(`Sentinel${index}x`)),
  );
  assert.deepEqual(unseen, []);
});

for (const { kind, filled } of drafts) {
  describe(`a report ${kind}`, () => {
    test("a document's own words hold no free text", () => {
      assert.equal(/.{0,80}Sentinel\w*/.exec(filled.scan.ownWords)?.[0], undefined);
    });

    test("a document's typed values hold no free text", () => {
      assert.ok(!filled.scan.typedValues.some((value) => value.includes('Sentinel')));
    });
  });
}

test('a kind that counts as an account number is no word of the document', () => {
  const redactionsByKind = [['bAnK-aCcOuNt', 2]] as const;
  const report = readReport(reportJsonOf({ verdict: { counts: { ...counts, redactionsByKind } } }));
  const { html, scan } = draftOf(report);
  assert.ok(html.split('bAnK-aCcOuNt').length > 3);
  assert.ok(!scan.ownWords.includes('bAnK'));
});

test('words, numbers and values of the document are own words', () => {
  const { scan } = draftOf(readReport(reportJsonOf()));
  const { id } = factsOf();
  for (const word of ['Safe Harbor matrix', 'rehydration failure', id, HASH_HEX.slice(0, 4), 'Chain']) {
    assert.ok(scan.ownWords.toLowerCase().includes(word.toLowerCase()), word);
  }
  assert.doesNotMatch(scan.ownWords, /<|font-family|Riverside|healthcare-default/);
});
