// Runs the commands that the pages print, as a reader would.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { ZERO_HASH_HEX } from '../../../../../shared/audit/chain.ts';
import { computeRoot } from '../../../../../shared/merkle/root.ts';
import { redactionAt } from '../../../../support/entries.ts';
import { naiveSeal, naiveSign } from '../../../../support/naive-chain.ts';
import { NO_JQ, commandsUnder as printedUnder, runCommands } from '../../../../support/printed-commands.ts';
import { documentOf, draftOf, REPORT_KINDS, reportJsonOf } from '../../../../support/report-documents.ts';
import { factsOf } from '../../../../support/report-facts.ts';

const KEY = new Uint8Array(32).fill(7);
const SIZE = 5;

const entries: string[] = [];
let headHashHex = ZERO_HASH_HEX;
for (let seq = 0; seq < SIZE; seq += 1) {
  const entry = naiveSign(KEY, { ...redactionAt(seq, headHashHex), entity_kind: `Ünïcode % \\ "${seq}` });
  entries.push(entry);
  headHashHex = (JSON.parse(entry) as { this_hash: string }).this_hash;
}
const rootHex = Buffer.from(computeRoot(entries.map((entry) => Buffer.from(entry)))).toString('hex');

const json = reportJsonOf({ verdict: { size: SIZE, rootHex, headHashHex } });
const document = draftOf(json);

function commandsUnder(heading: string, markup = document.html): string {
  return printedUnder(heading, markup);
}

function run(t: TestContext, commands: string, input = ''): string {
  const files = {
    [document.facts.attachmentName]: json,
    'entries.ndjson': entries.map((entry) => `${entry}\n`).join(''),
  };
  return runCommands(t, commands, files, input);
}

test('both printed ways give the digest of the file', (t) => {
  const commands = commandsUnder('The file that these pages are made from').replace(/^pdfdetach.*\n/, '');
  const digest = hash('sha256', json);
  const { attachmentName: file } = document.facts;
  const [first, second] = run(t, commands).split('\n');
  assert.equal(first, `${digest}  ${file}`);
  assert.ok(second?.endsWith(`(${file})= ${digest}`));
});

test("the printed command gives the digest of the policy's text", { skip: NO_JQ }, (t) => {
  assert.ok(run(t, commandsUnder("The policy's text")).startsWith(factsOf().policy.sha256Hex));
});

test('the printed commands give the Merkle root', (t) => {
  assert.equal(run(t, commandsUnder('The Merkle root')), `${rootHex}\n`);
});

test('the printed command gives the root of an empty log', (t) => {
  const digest = run(t, commandsUnder('The Merkle root', documentOf(REPORT_KINDS.empty)));
  assert.ok(digest.startsWith(hash('sha256', '')));
});

test('the printed commands follow the hash chain to its end', (t) => {
  const keyHex = Buffer.from(KEY).toString('hex');
  assert.equal(run(t, commandsUnder('The hash chain'), `${keyHex}\n`).trim(), headHashHex);
});

test('the printed commands name the entry at which the hash chain breaks', (t) => {
  const keyHex = Buffer.from(KEY).toString('hex');
  const commands = `sed -i '3s/0.8/0.9/' entries.ndjson\n${commandsUnder('The hash chain')}`;
  assert.match(run(t, commands, `${keyHex}\n`), /Does not fit: .*"seq":2,/);
});

test('the printed commands give the seal', { skip: NO_JQ }, (t) => {
  const { session, account, agent, policy } = factsOf();
  const keyHex = Buffer.from(KEY).toString('hex');
  const commands = `${commandsUnder('The hash chain')}\n${commandsUnder('The seal')}`;
  const seal = naiveSeal(KEY, {
    account_id: account.id,
    agent_id: agent.id,
    session_id: session.id,
    status: session.status,
    started_at: session.startedAt.toISOString(),
    ended_at: session.endedAt?.toISOString(),
    head_hash: headHashHex,
    merkle_root_hex: rootHex,
    size: SIZE,
    key_id: 'k1',
    policy_sha256: policy.sha256Hex,
  });
  assert.equal(run(t, commands, `${keyHex}\n`).trim().split('\n').at(-1), seal);
});
