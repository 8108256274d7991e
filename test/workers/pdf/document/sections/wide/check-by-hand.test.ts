// Runs the commands that the pages on many sessions print, against a naive tree.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { composeWideReport } from '../../../../../../shared/reports/compose-wide.ts';
import { commandsUnder, NO_JQ, runCommands } from '../../../../../support/printed-commands.ts';
import { draftOf } from '../../../../../support/report-documents.ts';
import { wideFacts } from '../../../../../support/wide-facts.ts';

const ROOT = 'The Merkle root over the sessions';

const sha256 = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');

/** RFC 6962 section 2.1, as it is written. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Buffer);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function printedFor(total: number, failed = 0) {
  const facts = wideFacts(total, failed);
  const composed = composeWideReport(facts);
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  const json = Buffer.from(composed.json);
  const { html, facts: pdfFacts } = draftOf(json);
  return { sessions: facts.walked.sessions, html, files: { [pdfFacts.attachmentName]: json } };
}

for (const [total, failed] of [
  [1, 0],
  [45, 3],
] as const) {
  test(`the printed commands give the root of a window with ${total} logs, of which ${failed} failed`, {
    skip: NO_JQ,
  }, (t) => {
    const { sessions, html, files } = printedFor(total, failed);
    const leaves = sessions.map(({ id, rootHex, size }) =>
      Buffer.from(`{"root":"${rootHex}","session_id":"${id}","size":${size}}`),
    );
    assert.equal(runCommands(t, commandsUnder(ROOT, html), files), `${naiveRoot(leaves).toString('hex')}\n`);
  });
}

test('the printed command gives the root of a window without a verified session', (t) => {
  const { html, files } = printedFor(3, 2);
  assert.ok(runCommands(t, commandsUnder(ROOT, html), files).startsWith(hash('sha256', '')));
});
