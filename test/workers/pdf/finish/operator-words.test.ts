// Words, numbers and addresses of the operator's own, in reports as JSON and as PDF.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignTranscripts } from '../../../../shared/reports/transcripts.ts';
import { readPdfText } from '../../../../workers/pdf/finish/pdf-text.ts';
import { scanPdf } from '../../../../workers/pdf/finish/scan-pdf.ts';
import { caseFacts } from '../../../support/case-facts.ts';
import { WITH_CHROMIUM } from '../../../support/chromium.ts';
import { createTestRenderer, jsonOf, printable } from '../../../support/pdfs.ts';
import { factsOf, LOGGING_POLICY } from '../../../support/report-facts.ts';

const CLINIC = "St. Mary's Clinic";

const OPERATORS_OWN = [
  ['a contact address in a policy', 'leak-email-in-description', 'privacy-office@stmarys.org'],
  ["an agent's number", 'leak-agent-did', 'main-line-4155552671'],
  ["a model's endpoint", 'leak-model-endpoint', 'llama-3@us-east-1.inference.example.com'],
  ["a caller's first name in the account's name", 'leak-caller-Mary', CLINIC],
] as const;

for (const [what, name, written] of OPERATORS_OWN) {
  test(`issues a report with ${what}, as JSON and as PDF`, WITH_CHROMIUM, async (t) => {
    const facts = caseFacts(name, CLINIC);
    const json = jsonOf(facts);
    assert.ok(Buffer.from(json).toString().includes(written));
    const renderer = await createTestRenderer(t);
    const report = printable(json);
    const pdf = await renderer.render(report, t.signal);
    const { originals } = alignTranscripts(facts.payloads?.request, facts.payloads?.masked);
    assert.deepEqual(
      scanPdf(await readPdfText(pdf), { ...report.draft, reportJson: json, attachments: [], originals }),
      [],
    );
  });
}

test('the PDF says how many masked texts are left out, and why', WITH_CHROMIUM, async (t) => {
  const words = (word: string, count: number) => Array.from({ length: count }, (_, i) => word + i);
  const textOf = async (payloads: ReturnType<typeof factsOf>['payloads']) => {
    const renderer = await createTestRenderer(t);
    const json = jsonOf(factsOf({ policyText: LOGGING_POLICY, payloads }));
    const { pages } = await readPdfText(await renderer.render(printable(json), t.signal));
    return pages
      .flatMap(({ pieces }) => pieces)
      .join(' ')
      .replace(/\s+/g, ' ');
  };
  const leaking = await textOf({
    request: ['I am Ann Lee', 'Bob calls Ann Lee', 'Bob calls 212-555-0147'],
    masked: ['I am [NAME_1]', '[NAME_2] calls Ann Lee', '[NAME_2] calls 212-555-0147'],
    response: null,
  });
  assert.match(leaking, /2 masked texts left out: each may hold an identifier.* 1 of 3 masked texts/);
  const tooLong = await textOf({
    request: words('w', 16_000).join(' '),
    masked: words('[A_', 4_000).join('] ').concat(']'),
    response: null,
  });
  assert.match(tooLong, /1 logged text not compared to the end/);
});
