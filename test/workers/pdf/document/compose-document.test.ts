import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { composeReport } from '../../../../shared/reports/compose-report.ts';
import type { ReportOnWire } from '../../../../shared/reports/report-schema.ts';
import { composeDocument, SECTION_TITLES } from '../../../../workers/pdf/document/compose-document.ts';
import { duration } from '../../../../workers/pdf/document/markup/parts.ts';
import { policyFile } from '../../../support/policies.ts';
import {
  documentOf,
  draftOf,
  REPORT_KINDS,
  reportJsonOf,
  textOf,
} from '../../../support/report-documents.ts';
import { factsOf, HASH_HEX, listedEvent } from '../../../support/report-facts.ts';

const TITLES = [
  'Executive summary',
  'Safe Harbor matrix',
  'PCI-DSS scope',
  'Leak detection',
  'Retention',
  'BAA chain',
  'Redactions by kind and by pass',
  'Sample masked transcripts',
  'Audit-log integrity',
  'How to check this report',
  'Policy in force',
  'Glossary',
  'Appendix: events',
];
const { counts } = factsOf().verdict;
const HOSTILE = '</td></pre><script>alert(1)</script><img src=x onerror=alert(1)>"\'`\u202e\u0000';

const tagsOf = (markup: string) => [...markup.matchAll(/<\/?([a-z0-9]+)/g)].map((match) => match[1]);
const groups = (hex: string) => hex.match(/.{4}/g)?.join(' ') ?? '';

for (const [kind, change] of Object.entries(REPORT_KINDS)) {
  describe(`a report ${kind}`, () => {
    const json = reportJsonOf(change);
    const { html } = draftOf(json);

    test('a document has one first heading and a second one for each section, in order', () => {
      const headings = [...html.matchAll(/<h([12])>(.*?)<\/h\1>/g)].map((match) => [
        match[1],
        textOf(match[2] as string),
      ]);
      assert.deepEqual(headings, [
        ['1', 'Session compliance report'],
        ...TITLES.map((title, index) => ['2', `${index + 1}. ${title}`]),
      ]);
    });

    test('the same JSON gives the same pages', () => {
      assert.equal(draftOf(Uint8Array.from(json)).html, html);
    });

    test('the report as it was made gives the same draft as its JSON read back', () => {
      const composed = composeReport(factsOf(change));
      assert.ok(composed.ok);
      assert.deepEqual(composeDocument(composed.report, Buffer.from(composed.json)), draftOf(json));
    });

    test('a document closes every tag that it opens', () => {
      const open: string[] = [];
      for (const [, slash, tag] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(?<!\/)>/g)) {
        if (slash) assert.equal(open.pop(), tag);
        else if (!['meta', 'br'].includes(tag as string)) open.push(tag as string);
      }
      assert.deepEqual(open, []);
    });

    test('every table has a caption and scoped heads', () => {
      for (const [table] of html.matchAll(/<table[\s\S]*?<\/table>/g)) {
        assert.match(table, /^<table[^>]*>\n<caption>[^<]/);
        for (const [head] of table.matchAll(/<th\b[^>]*>/g)) assert.match(head, / scope="(row|col)"/);
      }
    });

    test('a document shows in its cells nothing that the JSON does not hold', () => {
      const known = knownWords(json);
      for (const [, cell] of html.matchAll(/<(?:td|th scope="row" class)\b[^>]*>([\s\S]*?)<\/t[dh]>/g)) {
        for (const word of wordsOf(textOf(cell as string)))
          assert.ok(known.has(word), `“${word}” is not in the JSON`);
      }
    });
  });
}

test('names the titles of its sections', () => {
  assert.deepEqual(
    SECTION_TITLES,
    TITLES.map((title, index) => `${index + 1}. ${title}`),
  );
});

test('gives what the finished PDF says about itself', () => {
  const { facts } = draftOf(reportJsonOf());
  const { id, session } = factsOf();
  assert.deepEqual(facts, {
    title: `Compliance report of session ${session.id}`,
    language: 'en',
    reportId: id,
    rootHex: HASH_HEX,
    generatedAt: '2026-05-03T21:30:11Z',
    subject: `session ${session.id}`,
    attachmentName: `masker-session-${session.id}.json`,
  });
});

test('a document loads nothing and runs no script', () => {
  const markup = documentOf();
  assert.ok(markup.includes(`content="default-src 'none'; style-src 'unsafe-inline'; font-src data:"`));
  assert.doesNotMatch(
    markup,
    /<(script|img|link|iframe|object|embed|a|form)\b|url\((?!data:font\/woff2;base64,)|@import|https?:/,
  );
});

test('a document states its language', () =>
  assert.match(documentOf(), /^<!DOCTYPE html>\n<html lang="en">/));

test('free text makes no tag and hides nothing', () => {
  const hostile = documentOf({
    account: { ...factsOf().account, name: HOSTILE },
    agent: { ...factsOf().agent, name: HOSTILE },
    session: { upstreamModel: HOSTILE },
    baaChainText: HOSTILE,
    policyText: `${policyFile('healthcare-default@1')}# ${HOSTILE.slice(0, -1)}\n`,
    verdict: {
      keyId: HOSTILE,
      events: [listedEvent(0, { kind: HOSTILE, pass: HOSTILE, entityKind: HOSTILE })],
      counts: {
        ...counts,
        redactionsByKind: [[HOSTILE, 1]],
        redactionsByPass: [[HOSTILE, 1]],
        otherKinds: [[HOSTILE, 1]],
      },
    },
  });
  assert.deepEqual(
    [...new Set(tagsOf(hostile))].filter((tag) => ['script', 'img'].includes(tag as string)),
    [],
  );
  for (const char of ['\u202e', '\u0000']) assert.ok(!hostile.includes(char));
  assert.ok(textOf(hostile).split('onerror=alert(1)>"\'`‹U+202E›‹U+0000›').length > 8);
});

test('groups hashes in fours', () => assert.ok(documentOf().includes(groups(HASH_HEX))));

test('the cover states the verdict with the state of the log', () => {
  for (const [state, words] of [
    ['sealed', 'verified, sealed'],
    ['open', 'verified, open'],
    ['unsealed', 'verified, but unsealed: its tail may have been cut'],
  ] as const) {
    const [cover] = documentOf({ verdict: { state } }).split('</header>');
    assert.ok(textOf(cover as string).includes(words), state);
  }
});

test('prints the digest of the file that the pages are made from', () => {
  const json = reportJsonOf();
  assert.ok(draftOf(json).html.includes(groups(hash('sha256', json))));
});

test("prints the policy's text line by line", () => {
  const text = policyFile('healthcare-default@1');
  const lines = [...documentOf().matchAll(/<p class="line">(.*)<\/p>/g)].map((match) =>
    textOf(match[1] as string),
  );
  assert.equal(`${lines.join('\n')}\n`, text);
});

test('says where a text goes on that is too long to print', () => {
  const text = `${policyFile('healthcare-default@1')}${'#\n'.repeat(3000)}`;
  const markup = documentOf({ policyText: text });
  assert.ok(
    textOf(markup).includes(
      'The text goes on. Its beginning is printed here; the attached JSON holds all of it.',
    ),
  );
  assert.equal(markup.split('<p class="line">').length - 1, 1200);
});

test('a document has all 18 identifiers with their status in words', () => {
  const matrix = documentOf().match(/<table class="data matrix">[\s\S]*?<\/table>/)?.[0] ?? '';
  const words = [...matrix.matchAll(/<p class="status \w+">(.*?)<\/p>/g)].map((match) => match[1]);
  assert.equal(words.length, 18);
  const countOf = (word: string) => words.filter((each) => each === word).length;
  assert.deepEqual(
    [countOf('Full'), countOf('Partial'), countOf('None'), countOf('None: not applicable')],
    [9, 3, 5, 1],
  );
});

test('the chart says in words what it shows, and bounds its bars', () => {
  const many = Array.from(
    { length: 5000 },
    (_, i) => [`KIND_${String(i).padStart(4, '0')}`, 5000 - i] as const,
  );
  const markup = documentOf({ verdict: { counts: { ...counts, redactionsByKind: many } } });
  const chart = markup.match(/<svg[\s\S]*?<\/svg>/)?.[0] ?? '';
  assert.match(
    chart,
    /^<svg role="img" aria-label="Redactions by kind\. Bar chart: KIND_0000 5,000, KIND_0001 4,999, /,
  );
  assert.match(chart, /; 4,988 more names in the table\."/);
  assert.equal(chart.split('<rect').length - 1, 12);
  assert.ok(textOf(markup).includes('4,900 more names with 12,007,450 redactions in the attached JSON.'));
});

test('says how many events are not listed, and where they are', () => {
  const text = textOf(documentOf(REPORT_KINDS['of a large open log']));
  assert.match(text, /1,000 of 5,000 entries are listed, .* The other 4,000 are in the audit log of/s);
});

describe('the state of the log and its anchors', () => {
  const stored = { source: 'stored', size: 2, rootHex: 'ab12'.repeat(16) } as const;
  const reported = { source: 'reported', size: 1, rootHex: 'cd34'.repeat(16) } as const;
  const rowOf = (axis: string, markup: string) => {
    const row = new RegExp(`<tr><th scope="row" class="words">${axis}</th>(.*?)</tr>`, 's').exec(markup)?.[1];
    return textOf(row ?? '')
      .replace(/\s+/g, ' ')
      .trim();
  };

  test('a document shows each anchor as a root over its entries that agrees', () => {
    const markup = documentOf({ verdict: { anchors: [stored, reported] } });
    assert.equal(
      rowOf('Anchors', markup),
      `2 reproduced.Stored root over 2 entries: ${groups(stored.rootHex)} Agrees. ` +
        `Root of an earlier report over 1 entry: ${groups(reported.rootHex)} Agrees.`,
    );
    assert.doesNotMatch(textOf(markup), /sealed root/i);
  });

  test('a document says where the log has no anchor', () => {
    assert.equal(
      rowOf('Anchors', documentOf()),
      'None.No root of this log was stored, reported or entered before',
    );
  });

  test('a document shows nothing as sealed where the log is unsealed', () => {
    for (const state of ['unsealed', 'open'] as const) {
      const text = textOf(documentOf({ verdict: { state, anchors: [stored] } }));
      assert.doesNotMatch(text, /(?<!un)sealed/i);
    }
    assert.match(textOf(documentOf({ verdict: { anchors: [stored] } })), /Sealed\./);
  });

  test('a document says of an unsealed log that its tail may have been cut, beside every verdict', () => {
    const markup = documentOf({ verdict: { state: 'unsealed', anchors: [stored] } });
    assert.match(rowOf('Seal', markup), /^Unsealed: the tail may have been cut\./);
    assert.equal(textOf(markup).split('nsealed: the tail may have been cut.').length - 1, 1);
  });
});

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s.,;:]+/)
    .filter((word) => word !== '');
}

/** The words of all leaves and keys as they print, their counts, and the few words that the cells add. */
function knownWords(json: Uint8Array): Set<string> {
  const own =
    'one to now the session has no end not stated version ms of kind kinds full partial none applicable identifiers ' +
    'over entries recomputed none stored agrees differs read hmac-sha256 from the start hash to end every entry sha-256 ' +
    'tree rfc 6962 over all on this call state log when it was no root as exactly expected gaps yes no bytes lines days ' +
    'utc is are a stored or reported before of this without last line feed reaches model hash chain merkle root seal ' +
    'completeness anchors reproduced earlier report ' +
    'entered account log entry index proof signed checkpoint checked states times policy about session at as yet open ' +
    'keeps deployment has signed nothing covers ended is now an and once ' +
    // The names of alerts, and what the first page says of coverage.
    'rehydration failure incomplete reloads unsealed reloaded time masked fully covered sequence dated cover ' +
    // The letters of the 18 identifiers.
    [...'abcdefghijklmnopqr'].join(' ');
  const known = new Set(wordsOf(own));
  const add = (text: string) => {
    for (const word of wordsOf(text)) known.add(word);
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'number') add(value.toLocaleString('en-US').concat(' ', String(value)));
    else if (typeof value === 'string') {
      add(value);
      add(value.replace(/^(\d{4}-\d\d-\d\d)T(.*)Z$/, '$1 $2'));
      if (/^[0-9a-f]{64}$/.test(value)) add(groups(value));
    } else if (Array.isArray(value)) {
      add(String(value.length));
      value.forEach(visit);
    } else if (typeof value === 'object' && value !== null) {
      add(String(Object.keys(value).length));
      for (const [key, member] of Object.entries(value)) {
        add(key);
        visit(member);
      }
    }
  };
  const { report } = JSON.parse(Buffer.from(json).toString()) as { report: ReportOnWire };
  visit(report);
  // The key's id is a part of the verifier key.
  add(report.evidence?.verifier_key.split('+')[1] ?? '');
  const coverage = report.safe_harbor_detail;
  const applicable = coverage.identifiers.filter((identifier) => identifier.applicable);
  for (const status of ['full', 'partial', 'none']) {
    add(String(applicable.filter((identifier) => identifier.status === status).length));
  }
  add(`${applicable.length} ${coverage.identifiers.length - applicable.length}`);
  const text = report.policy_snapshot;
  add(`${Buffer.byteLength(text)} ${text.split('\n').length - 1}`);
  add(groups(hash('sha256', json)));
  add(duration(report.session.duration_ms ?? 0));
  return known;
}
